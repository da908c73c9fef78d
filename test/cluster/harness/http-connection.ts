/**
 * A keep-alive HTTP connection that never retries by itself. `fetch` may silently repeat a request
 * whose reused connection was closed, which would turn one write into two.
 */

/** A complete answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Nothing left this process: the request certainly had no effect. */
export class NotSentError extends Error {
  override readonly name = "NotSentError";
}
/** The request left and no answer came: it may have had its effect. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

interface Waiting {
  resolve(answer: HttpAnswer): void;
  reject(error: Error): void;
}

const HEAD_END = "\r\n\r\n";

/** One answer off the front of `bytes`, or null while it is incomplete. */
function parseAnswer(bytes: Buffer): HttpAnswer | null {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const [statusLine = "", ...lines] = bytes.toString("latin1", 0, headEnd).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const bodyStart = headEnd + HEAD_END.length;
  const bodyEnd = bodyStart + Number(headers["content-length"] ?? 0);
  if (bytes.length < bodyEnd) return null;
  const status = Number(statusLine.split(" ")[1]);
  return { status, headers, body: bytes.toString("utf8", bodyStart, bodyEnd) };
}

export class HttpConnection {
  private socket: Bun.Socket | null = null;
  private received = Buffer.alloc(0);
  private waiting: Waiting | null = null;
  private unsent = Buffer.alloc(0);

  constructor(readonly port: number) {}

  /** Sends raw bytes and awaits one answer. One request at a time. */
  async exchange(request: Uint8Array, timeoutMs: number): Promise<HttpAnswer> {
    const socket = this.socket ?? (await this.connect());
    this.received = Buffer.alloc(0);
    return new Promise<HttpAnswer>((resolve, reject) => {
      const timer = setTimeout(() => this.fail(`no answer in ${timeoutMs} ms`), timeoutMs);
      this.waiting = {
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.unsent = Buffer.from(request);
      this.flush(socket);
    });
  }

  /** A request with the headers that HTTP/1.1 needs. */
  request(
    method: string,
    path: string,
    options: {
      readonly body?: string | Uint8Array;
      readonly headers?: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
    },
  ): Promise<HttpAnswer> {
    const body = Buffer.from(options.body ?? "");
    const headers = Object.entries({
      host: `127.0.0.1:${this.port}`,
      ...(body.length > 0 ? { "content-type": "application/json" } : {}),
      "content-length": String(body.length),
      ...options.headers,
    });
    const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const bytes = Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n`), body]);
    return this.exchange(bytes, options.timeoutMs);
  }

  close(): void {
    this.fail("closed by the client");
  }

  private async connect(): Promise<Bun.Socket> {
    try {
      this.socket = await Bun.connect({
        hostname: "127.0.0.1",
        port: this.port,
        socket: {
          data: (socket, chunk) => this.onData(socket, chunk),
          drain: (socket) => this.flush(socket),
          close: (socket) => this.onLost(socket, "the connection was closed"),
          error: (socket, error) => this.onLost(socket, error.message),
        },
      });
      return this.socket;
    } catch (error) {
      throw new NotSentError(`cannot connect to port ${this.port}: ${error}`);
    }
  }

  private flush(socket: Bun.Socket): void {
    const taken = socket.write(this.unsent);
    if (taken > 0) this.unsent = this.unsent.subarray(taken);
  }

  private onData(socket: Bun.Socket, chunk: Uint8Array): void {
    if (socket !== this.socket) return;
    this.received = Buffer.concat([this.received, chunk]);
    const answer = parseAnswer(this.received);
    if (!answer) return;
    const { waiting } = this;
    this.waiting = null;
    if (answer.headers.connection === "close") this.fail("the server closes after its answer");
    waiting?.resolve(answer);
  }

  /** A socket that was replaced has nothing more to say. */
  private onLost(socket: Bun.Socket, reason: string): void {
    if (socket === this.socket) this.fail(reason);
  }

  private fail(reason: string): void {
    const { waiting, socket } = this;
    this.waiting = null;
    this.socket = null;
    socket?.terminate();
    waiting?.reject(new NoAnswerError(reason));
  }
}
