/** The load generators: how they are called, and how their words are read. */
import { describe, expect, test } from "bun:test";
import { setsOfNewKeys } from "../../bench/load/load";
import { runToEnd } from "../../bench/load/programs";
import { readRedis, redisCommand } from "../../bench/load/redis-benchmark";
import { readWrk, wrkCommand } from "../../bench/load/wrk";
import { presentKey, presentKeysFrom, sequenceOf } from "../../bench/peers/key-sequences";

const url = "http://127.0.0.1:1";
const present = { ...setsOfNewKeys, keys: { kind: "present", count: 500 } } as const;

describe("wrk", () => {
  test("is one client thread with the script's words behind it", () => {
    const sequence = { prefix: "abcdefghi", order: "sequential", from: 0 } as const;
    const command = wrkCommand({ url, dialect: "etcd", load: setsOfNewKeys, sequence });
    const [own, script] = [command.slice(0, command.indexOf("--")), command.join(" ")];
    expect(own.slice(0, 9)).toEqual(["wrk", "-t", "1", "-c", "64", "-d", "5s", "--timeout", "20s"]);
    expect(own.at(-1)).toBe(url);
    expect(script).toMatch(/ dialect=\S+\/etcd\.lua prefix=abcdefghi sets=100 value=256 keys=0 /);
    expect(script).toEndWith("order=sequential from=0 stale=no");
  });
  test("is told how many keys are present", () => {
    const sequence = sequenceOf(present);
    const stale = { ...present, isStale: true };
    const command = wrkCommand({ url, dialect: "balsa", load: stale, sequence }).join(" ");
    expect(command).toContain(" prefix=present00 ");
    expect(command).toEndWith("keys=500 order=random from=0 stale=yes");
  });
  test("reports what it saw, errors apart from what was done", () => {
    const output = [
      "Running 5s test @ http://127.0.0.1:1",
      'result {"seconds":5.0,"requests":100,"refused":7,"broken":3,' +
        '"p50Ms":1.5,"p99Ms":9,"p999Ms":12,"nextKey":101}',
    ].join("\n");
    expect(readWrk({ output, cpuSeconds: 0.25 })).toEqual({
      seconds: 5,
      requests: 93,
      refused: 7,
      broken: 3,
      p50Ms: 1.5,
      p99Ms: 9,
      p999Ms: 12,
      nextKey: 101,
      clientCpuSeconds: 0.25,
    });
  });
  test("that wrote no result is an error with what it wrote", () => {
    const nothing = { output: "unable to connect", cpuSeconds: 0 };
    expect(() => readWrk(nothing)).toThrow("unable to connect");
  });
});

describe("redis-benchmark", () => {
  const output = [
    "SET: rps=0.0 (overall: -nan) avg_msec=-nan (overall: -nan)\r",
    '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms",' +
      '"p99_latency_ms","max_latency_ms"',
    '"SET","20000.00","1.1","0.5","1.000","2.0","3.500","9.9"',
  ].join("\n");

  test("sets keys of a range far larger than what it touches", () => {
    const command = redisCommand({ port: 1, load: setsOfNewKeys, requests: 1000 }).join(" ");
    expect(command).toContain("-t set -c 64 -n 1000 -r 1000000000 -d 256");
    const gets = redisCommand({ port: 1, load: { ...present, setPercent: 0 }, requests: 9 });
    expect(gets.join(" ")).toContain("-t get -c 64 -n 9 -r 500 ");
  });
  test("does not mix", () => {
    const load = { ...present, setPercent: 50 };
    expect(() => redisCommand({ port: 1, load, requests: 9 })).toThrow("does not mix");
  });
  test("has a table of one row", () => {
    expect(readRedis({ output, cpuSeconds: 1 }, 40_000)).toEqual({
      seconds: 2,
      requests: 40_000,
      refused: 0,
      broken: 0,
      p50Ms: 1,
      p99Ms: 3.5,
      p999Ms: null,
      clientCpuSeconds: 1,
    });
  });
  test("of another make is an error", () => {
    const old = { output: output.replace("p99_latency_ms", "99%"), cpuSeconds: 0 };
    expect(() => readRedis(old, 1)).toThrow("wrote no p99_latency_ms");
  });
});

describe("keys", () => {
  test("are new in every load, eighteen bytes each", () => {
    const prefixes = Array.from({ length: 50 }, () => sequenceOf(setsOfNewKeys).prefix);
    expect(new Set(prefixes).size).toBe(50);
    expect(prefixes.every((prefix) => /^[0-9a-z]{9}$/.test(prefix))).toBe(true);
    expect(presentKey(42)).toBe("present00000000042");
  });
  test("of a fill are each set once", () => {
    expect(presentKeysFrom(7)).toEqual({ prefix: "present00", order: "once", from: 7 });
  });
});

describe("a program", () => {
  test("that fails is an error with what it said", async () => {
    const failing = runToEnd([process.execPath, "-e", "console.error('no way'); process.exit(3)"]);
    expect(failing).rejects.toThrow(/exited 3: no way/);
  });
  test("that ends well has its output and its CPU time", async () => {
    const { cpuSeconds, output } = await runToEnd([process.execPath, "-e", "console.log(1)"]);
    expect(output).toBe("1\n");
    expect(cpuSeconds).toBeGreaterThan(0);
  });
});
