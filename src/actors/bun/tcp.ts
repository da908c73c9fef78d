/** TCP as Bun gives it, behind the byte-stream port. */
import type { Socket, SocketHandler, TCPSocketListener } from "bun";
import { StartupError } from "../../errors";
import type { Address } from "../../types";
import { formatAddress, parseAddress } from "../address";
import type { ByteStream, StreamHandlers, StreamListener, StreamNetwork } from "../stream";

/** What Bun keeps for each socket: whose it is. */
interface Owner {
  readonly stream: TcpStream;
}

export const bunTcp: StreamNetwork = {
  dial(address, handlers) {
    const stream = new TcpStream(address, handlers);
    connect(address, stream);
    return stream;
  },

  listen(address, accept): StreamListener {
    const place = parseAddress(address);
    if (place === null) {
      throw new StartupError("bad_flag", `${address} is no address: write it as host:port`);
    }
    const listener = bind(address, place.host, place.port, accept);
    return {
      address: formatAddress({ host: place.host, port: listener.port }),
      stop: () => listener.stop(),
    };
  },
};

/** One TCP connection, from the dial or the accept to its close. */
class TcpStream implements ByteStream {
  private socket: Socket<Owner> | null = null;
  private closed = false;

  constructor(
    readonly remote: string,
    public handlers: StreamHandlers,
  ) {}

  write(bytes: Uint8Array): number {
    if (this.closed || this.socket === null) return 0;
    // Bun answers -1 once the other end is gone; the close event says the rest.
    return Math.max(0, this.socket.write(bytes));
  }

  end(): void {
    if (!this.closed) this.socket?.end();
  }

  terminate(): void {
    if (this.closed) return;
    this.closed = true;
    this.socket?.terminate();
  }

  opened(socket: Socket<Owner>): void {
    // Bun cannot give up a dial; one that comes through too late is closed here.
    if (this.closed) socket.terminate();
    else this.adopt(socket).handlers.onOpen();
  }

  adopt(socket: Socket<Owner>): this {
    this.socket = socket;
    return this;
  }

  received(bytes: Uint8Array): void {
    if (this.closed) return;
    try {
      this.handlers.onData(bytes);
    } catch (error) {
      // Bun would leave the stream open and the error half hidden: it is ours, so it is fatal.
      this.terminate();
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  drained(): void {
    if (!this.closed) this.handlers.onDrain();
  }

  lost(reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.handlers.onClose(reason);
  }
}

/**
 * Events of every socket, handed to the stream that owns it. A connection that was reset before it
 * could be accepted (its process was frozen, say) fails and closes without ever having had one.
 */
const shared = {
  binaryType: "uint8array",
  data: ({ data }, bytes) => data?.stream.received(bytes),
  drain: ({ data }) => data?.stream.drained(),
  close: ({ data }, error) => data?.stream.lost(error ? reasonOf(error) : "closed by the peer"),
  error: ({ data }, error) => data?.stream.lost(reasonOf(error)),
} satisfies SocketHandler<Owner | undefined>;

function connect(address: Address, stream: TcpStream): void {
  const place = parseAddress(address);
  if (place === null) {
    queueMicrotask(() => stream.lost(`${address} is no address`));
    return;
  }
  Bun.connect<Owner>({
    hostname: place.host,
    port: place.port,
    data: { stream },
    socket: {
      ...shared,
      open: (socket) => {
        socket.setNoDelay(true);
        stream.opened(socket);
      },
      connectError: (_, error) => stream.lost(reasonOf(error)),
    },
  }).catch((error) => stream.lost(reasonOf(error)));
}

function bind(
  address: Address,
  hostname: string,
  port: number,
  accept: (stream: ByteStream) => StreamHandlers,
): TCPSocketListener<Owner> {
  try {
    return Bun.listen<Owner>({
      hostname,
      port,
      socket: {
        ...shared,
        open: (socket) => {
          socket.setNoDelay(true);
          const remote = formatAddress({ host: socket.remoteAddress, port: socket.remotePort });
          const stream = new TcpStream(remote, notYet).adopt(socket);
          socket.data = { stream };
          stream.handlers = accept(stream);
        },
      },
    });
  } catch (error) {
    const what = `cannot listen on ${address}: ${reasonOf(error)}`;
    if (codeOf(error) === "EADDRINUSE") {
      throw new StartupError("port_in_use", `${what}; stop what uses it, or choose another port`);
    }
    throw new StartupError("bad_flag", `${what}; give an address of this machine`);
  }
}

/** Stands in until `accept` has answered; nothing can happen to a stream before. */
const notYet: StreamHandlers = { onOpen() {}, onData() {}, onDrain() {}, onClose() {} };

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  ETIMEDOUT: "connection timed out",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ENOTFOUND: "host not found",
  EADDRINUSE: "the port is in use",
  EADDRNOTAVAIL: "this machine has no such address",
  EACCES: "not permitted",
};

/** A system error in words a person would use. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  return reasons[code] ?? (code === "" ? error.message : code);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
