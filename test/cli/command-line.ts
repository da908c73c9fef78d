/** The command line in this process: what it says on either stream, and how it ends. */
import { runCommandLine } from "../../src/cli/program";
import { FakeNetwork } from "../client/fake-network";

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly bytes: Uint8Array;
  readonly err: string;
}

export interface Told {
  /** Standard input. */
  readonly input?: string | Uint8Array<ArrayBuffer>;
  readonly environment?: Readonly<Record<string, string>>;
  /** A terminal so wide, with colour or without; a pipe where absent. */
  readonly columns?: number;
  readonly hasColour?: boolean;
  readonly signal?: AbortSignal;
  /** Called with each piece that is said. */
  readonly onWrite?: (said: string) => void;
  /** Called at each pause; the command goes on when it resolves. */
  readonly onPause?: (delayMs: number) => void;
}

/** Someone who types; the endpoints of the network are those of the defaults. */
export class Typist {
  readonly network = new FakeNetwork();
  /** What a node's own program was started with. */
  readonly started: (readonly string[])[] = [];

  get node() {
    return this.network.backend.node;
  }

  async type(args: readonly string[], told: Told = {}): Promise<Said> {
    const { columns, environment = {}, hasColour = false, onPause } = told;
    const signal = told.signal ?? new AbortController().signal;
    const pieces: Uint8Array[] = [];
    const errors: string[] = [];
    const code = await this.network.settle(
      runCommandLine(args, {
        terminal: {
          isInteractive: columns !== undefined,
          hasColour,
          columns: columns ?? 80,
          rows: 24,
          write: async (said) => {
            pieces.push(Buffer.from(said));
            told.onWrite?.(String(said));
          },
          tell: (line) => errors.push(line),
          readInput: async () => new Uint8Array(Buffer.from(told.input ?? "")),
        },
        environment,
        version: "1.2.3",
        node: {
          serveFlags: [{ name: "id", meaning: "the id" }],
          recoverFlags: [{ name: "yes", meaning: "do it", isSwitch: true }],
          run: async (given) => {
            this.started.push(given);
            return 7;
          },
        },
        signal,
        wallMs: () => this.network.now,
        pause: async (delayMs) => onPause?.(delayMs),
        network: this.network.surroundings,
      }),
    );
    const bytes = Buffer.concat(pieces);
    return { code, bytes, out: bytes.toString(), err: errors.join("\n") };
  }

  /** The same with `--json`, its answer parsed. */
  async json(args: readonly string[], told: Told = {}) {
    const { code, err, out } = await this.type([...args, "--json"], told);
    return { code, out: out === "" ? null : JSON.parse(out), err: err && JSON.parse(err) };
  }
}
