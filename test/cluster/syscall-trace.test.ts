import { expect, test } from "bun:test";
import { answeredAt, durableAt, parseTrace } from "./harness/syscall-trace";

const trace = parseTrace(
  [
    '10 100.000100 pwrite64(5, "..needle-1..", 12, 0) = 12 <0.000050>',
    "11 100.000120 fdatasync(5 <unfinished ...>",
    '10 100.000200 pwrite64(5, "..needle-2..", 12, 12 <unfinished ...>',
    "11 100.000400 <... fdatasync resumed>) = 0 <0.000280>",
    "10 100.000500 <... pwrite64 resumed>) = 12 <0.000300>",
    '10 100.000600 sendto(9, "HTTP/1.1 200 OK\\r\\n..needle-1", 30, 0, NULL, 0) = 30 <0.000010>',
    // Short process ids are padded to five columns.
    "11    100.000700 fdatasync(5) = 0 <0.000500>",
    "11 100.002000 +++ exited with 0 +++",
  ].join("\n"),
);

test("a sync that began before the write had ended does not count for it", () => {
  // needle-1's write ended at .000150, the first sync had begun at .000120.
  expect(durableAt(trace, "needle-1")).toBeCloseTo(100.0012, 6);
  expect(durableAt(trace, "needle-2")).toBeCloseTo(100.0012, 6);
  expect(durableAt(trace, "needle-3")).toBeNull();
});

test("an answer is found by what it names", () => {
  expect(answeredAt(trace, "needle-1")).toBeCloseTo(100.0006, 6);
  expect(answeredAt(trace, "needle-2")).toBeNull();
});
