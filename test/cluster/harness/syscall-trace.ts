/** What a node asked of the kernel, from `strace -f -ttt -T`. */
import { readFileSync } from "node:fs";

/** Write calls and syncs; strings long enough to hold a batch's first entries and an answer. */
export const STRACE = [
  ...["strace", "-D", "-f", "--seccomp-bpf", "-ttt", "-T", "-s", "700"],
  ...["-e", "trace=fdatasync,fsync,write,writev,pwrite64,pwritev,sendto,sendmsg", "-o"],
];

export interface Syscall {
  readonly name: string;
  /** As strace prints them, without the return value. */
  readonly text: string;
  /** Seconds since the epoch, comparable between processes of one machine. */
  readonly startS: number;
  readonly endS: number;
}

const WHOLE = /^(\d+) +([\d.]+) (\w+)\((.*) = -?\d+.* <([\d.]+)>$/;
const BEGUN = /^(\d+) +([\d.]+) (\w+)\((.*) <unfinished \.\.\.>$/;
const RESUMED = /^(\d+) +([\d.]+) <\.\.\. (\w+) resumed>(.*) = -?\d+.* <([\d.]+)>$/;

/** Parses a trace. A call that another thread's line interrupts is put together again. */
export function parseTrace(text: string): readonly Syscall[] {
  const calls: Syscall[] = [];
  const open = new Map<string, { readonly startS: number; readonly text: string }>();
  for (const line of text.split("\n")) {
    const whole = WHOLE.exec(line);
    const begun = BEGUN.exec(line);
    const resumed = RESUMED.exec(line);
    if (whole) {
      const [, , start, name = "", args = "", took] = whole;
      const startS = Number(start);
      calls.push({ name, text: args, startS, endS: startS + Number(took) });
    } else if (begun) {
      const [, thread = "", start, , args = ""] = begun;
      open.set(thread, { startS: Number(start), text: args });
    } else if (resumed) {
      const [, thread = "", resumedAt, name = "", rest = ""] = resumed;
      const first = open.get(thread);
      open.delete(thread);
      // The resuming line is printed when the call has returned.
      if (first) calls.push({ ...first, name, text: first.text + rest, endS: Number(resumedAt) });
    }
  }
  return calls;
}

export const readTrace = (path: string) => parseTrace(readFileSync(path, "utf8"));

const isFileWrite = ({ name }: Syscall) => name.startsWith("pwrite");
const isSync = ({ name }: Syscall) => name === "fdatasync" || name === "fsync";

/** When this node had `needle` durable: the end of the first sync begun after it was written. */
export function durableAt(calls: readonly Syscall[], needle: string): number | null {
  const written = calls.find((call) => isFileWrite(call) && call.text.includes(needle));
  if (!written) return null;
  const syncs = calls.filter((call) => isSync(call) && call.startS >= written.endS);
  return syncs.length === 0 ? null : Math.min(...syncs.map(({ endS }) => endS));
}

/** When this node sent a successful HTTP answer that names `needle`. */
export function answeredAt(calls: readonly Syscall[], needle: string): number | null {
  const isAnswer = ({ text }: Syscall) => text.includes("HTTP/1.1 200") && text.includes(needle);
  return calls.find((call) => !isFileWrite(call) && isAnswer(call))?.startS ?? null;
}
