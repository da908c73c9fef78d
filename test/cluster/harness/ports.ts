/** Free ports for nodes. */

/** Below the range the kernel hands to outgoing connections, so that no client takes one first. */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const TRIES_MAX = 1_000;

const handedOut = new Set<number>();

const isFree = (port: number) => {
  try {
    Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
    return true;
  } catch {
    return false;
  }
};

/** A port nobody listens on, never the same one twice. */
export function freePort(): number {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    if (handedOut.has(port) || !isFree(port)) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error(`no free port between ${PORT_MIN} and ${PORT_MAX}`);
}
