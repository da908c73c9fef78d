/** The diary of a node: it outlives restarts, is bounded, and never in anybody's way. */
import { describe, expect, test } from "bun:test";
import { Journal } from "../../src/observe/journal";
import {
  encodeTransition,
  REASON_LENGTH_MAX,
  SEGMENT_HEAD,
} from "../../src/observe/journal-format";
import type { Transition } from "../../src/observe/transition";
import { SimulatedDisk } from "../../src/simulation/disk";
import { encodePreamble } from "../../src/store/preamble";
import { nodeId, term } from "../../src/types";
import { VirtualClock } from "../actors/links/virtual-clock";

const at = (seq: number, change: Partial<Transition> = {}): Transition => ({
  seq,
  node: nodeId(1),
  machine: "raft",
  from: "follower.awaiting",
  event: "after electionTimeout",
  to: "preCandidate",
  term: term(7),
  index: 12,
  reason: `heard no leader for ${600 + seq} ms`,
  monotonicMs: 1_000 * seq,
  wallMs: 1_700_000_000_000 + seq,
  ...change,
});
const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, place) => at(first + place));

/** A disk on which journals are kept, one after the other. */
function diary(segmentBytesMax = 1_000) {
  const disk = new SimulatedDisk();
  const clock = new VirtualClock();
  const lines: string[] = [];
  const start = () =>
    new Journal({
      files: disk.mount(clock),
      clock,
      logger: (level, message) => lines.push(`${level}: ${message}`),
      segmentBytesMax,
    });
  const seqs = (journal: Journal) => journal.takeFound().map(({ seq }) => seq);
  const write = (transitions: readonly Transition[]) => {
    const journal = start();
    for (const transition of transitions) journal.add(transition);
    clock.settle();
    return journal;
  };
  return { disk, clock, lines, start, seqs, write };
}

describe("the journal", () => {
  test("gives back what was written, to the last field", () => {
    const { start, write } = diary();
    const told = [
      at(1),
      at(2, { from: null, index: null }),
      at(3, { to: null, reason: "ende, ü" }),
    ];
    write(told);
    expect(start().takeFound()).toEqual(told);
  });

  test("writes behind the turn of the loop, and at its end", () => {
    const { disk, seqs, start } = diary();
    const journal = start();
    journal.add(at(1));
    expect(disk.list()).toEqual([]);
    journal.close();
    expect(seqs(start())).toEqual([1]);
    journal.add(at(2));
    expect(seqs(start())).toEqual([1]);
  });

  test("goes on where the start before has ended", () => {
    const { disk, seqs, start, write } = diary();
    write(range(1, 3));
    write(range(4, 5));
    expect(seqs(start())).toEqual([1, 2, 3, 4, 5]);
    expect(disk.list()).toEqual(["journal-1"]);
  });

  test("keeps two segments, the older one whole", () => {
    const { disk, seqs, start, write } = diary();
    write(range(1, 100));
    const found = seqs(start());
    const fits = Math.floor((1_000 - SEGMENT_HEAD.length) / encodeTransition(at(1)).length);
    expect(disk.list()).toHaveLength(2);
    expect(disk.usedBytes).toBeLessThanOrEqual(2_000);
    expect(found.at(-1)).toBe(100);
    expect(found.length).toBeGreaterThan(fits);
    expect(found).toEqual(range(101 - found.length, 100).map(({ seq }) => seq));
  });

  test("cuts off quietly what is damaged, and begins a new segment behind it", () => {
    const { disk, lines, seqs, start, write } = diary(100_000);
    write(range(1, 10));
    const length = encodeTransition(at(1)).length;
    disk.flipBit("journal-1", SEGMENT_HEAD.length + 4 * length + 20);
    expect(seqs(start())).toEqual([1, 2, 3, 4]);
    write(range(5, 6));
    expect(disk.list()).toEqual(["journal-1", "journal-2"]);
    expect(seqs(start())).toEqual([1, 2, 3, 4, 5, 6]);
    expect(lines).toEqual([]);
  });

  test("cuts off a torn tail", () => {
    const { disk, seqs, start, write } = diary();
    write(range(1, 3));
    disk.cut("journal-1", disk.usedBytes - 1);
    expect(seqs(start())).toEqual([1, 2]);
    write(range(3, 3));
    expect(seqs(start())).toEqual([1, 2, 3]);
  });

  test("does not read what a later version wrote, nor touch it", () => {
    const { clock, disk, lines, seqs, start, write } = diary();
    const later = disk.mount(clock).open("journal-1", { create: true });
    later.write(0, encodePreamble({ magic: "BALSATRN", version: 2 }));
    expect(seqs(write(range(1, 1)))).toEqual([]);
    expect(disk.list()).toEqual(["journal-1", "journal-2"]);
    expect(seqs(start())).toEqual([1]);
    expect(lines).toEqual([]);
  });

  test("takes what a peer said only up to a limit", () => {
    const { start, write } = diary(100_000);
    write([at(1, { reason: "x".repeat(REASON_LENGTH_MAX + 1) })]);
    expect(start().takeFound()[0]?.reason).toHaveLength(REASON_LENGTH_MAX);
  });

  const off = "warn: the journal of transitions is off until the next start";

  test("gives up on a full disk with one line, and nothing else", () => {
    const { clock, disk, lines, start } = diary();
    disk.capacityBytes = 300;
    const journal = start();
    for (const transition of range(1, 20)) {
      journal.add(transition);
      clock.settle();
    }
    expect(lines).toEqual([off]);
    expect(journal.isOn).toBe(false);
    journal.close();
  });

  test("gives up on a disk that errs, at the start and later", () => {
    const { clock, disk, lines, start, write } = diary();
    write(range(1, 3));
    disk.readOnly = true;
    const journal = start();
    expect(journal.takeFound()).toHaveLength(3);
    journal.add(at(4));
    clock.settle();
    expect(lines).toEqual([off]);
    disk.onOperation = ({ kind }) => (kind === "read" ? { kind: "ioError" } : null);
    expect(start().takeFound()).toEqual([]);
    expect(lines).toEqual([off, off]);
  });
});
