/** Opens the port that the API is served on, and closes it again. */
import { StartupError } from "../errors";
import type { Address } from "../types";
import { formatAddress, type HostAndPort } from "./addresses";
import type { Api } from "./app";
import { BODY_BYTES_MAX, IDLE_TIMEOUT_SECONDS } from "./limits";

export interface ApiServer {
  /** Where it listens, with the port that the system chose if none was asked for. */
  readonly address: Address;
  /** Lets requests under way finish for at most `graceMs`, then closes every connection. */
  stop(graceMs: number): Promise<void>;
}

/** Serves `api` at `at`; port 0 or null lets the system choose. **Errors**: `StartupError`. */
export function listenApi(api: Api, at: HostAndPort): ApiServer {
  const server = serve(api, at);
  return {
    address: formatAddress(at.host, server.port ?? 0),
    async stop(graceMs) {
      const { promise: outOfTime, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, graceMs);
      await Promise.race([server.stop(), outOfTime]);
      clearTimeout(timer);
      await server.stop(true);
    },
  };
}

function serve(api: Api, { host, port }: HostAndPort) {
  try {
    return Bun.serve({
      hostname: host,
      port: port ?? 0,
      // The same entrance that tests use; Elysia's own `listen` would share the port with others.
      fetch: api.fetch,
      reusePort: false,
      development: false,
      maxRequestBodySize: BODY_BYTES_MAX,
      idleTimeout: IDLE_TIMEOUT_SECONDS,
    });
  } catch (error) {
    throw startupError(error, formatAddress(host, port ?? 0));
  }
}

function startupError(error: unknown, address: Address): StartupError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return new StartupError(
      "port_in_use",
      `the API address ${address} is in use; stop what listens there or choose another --api`,
    );
  }
  const why = error instanceof Error ? error.message : String(error);
  return new StartupError("bad_flag", `cannot listen on --api ${address} (${why}); choose another`);
}
