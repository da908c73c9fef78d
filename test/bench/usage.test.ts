/** What the kernel counts of a process. */
import { expect, test } from "bun:test";
import { bytesIn, cpuSecondsIn, metered, usageOfAll } from "../../bench/peers/usage";

test("CPU seconds are user and system time, behind a name with spaces and parentheses", () => {
  const stat = "17 (a (bad) name) S 1 17 17 0 -1 4194560 900 0 0 0 250 150 0 0 20 0 5 0 777";
  expect(cpuSecondsIn(stat)).toBe(4);
  expect(() => cpuSecondsIn("17 (x) S 1")).toThrow("no times");
});

test("memory is in KiB", () => {
  const status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
  expect(bytesIn(status, "VmRSS")).toBe(1024 * 1024);
  expect(bytesIn(status, "VmHWM")).toBe(2 * 1024 * 1024);
  expect(() => bytesIn(status, "VmSwap")).toThrow("no VmSwap");
});

test("the processes of a peer are counted together", () => {
  const [one, two] = [usageOfAll([process.pid]), usageOfAll([process.pid, process.pid])];
  expect(one.residentBytes).toBeGreaterThan(1024 * 1024);
  expect(one.peakBytes).toBeGreaterThanOrEqual(one.residentBytes);
  expect(two.residentBytes).toBeGreaterThan(one.residentBytes * 1.5);
});

test("what a load takes is the difference", async () => {
  const times = [10, 12.5];
  const usage = () => ({ cpuSeconds: times.shift() ?? 0, residentBytes: 0, peakBytes: 0 });
  expect(await metered(usage, async () => ({ requests: 5 }))).toEqual({
    requests: 5,
    cpuSeconds: 2.5,
  });
});
