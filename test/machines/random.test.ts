import { describe, expect, test } from "bun:test";
import { drawRandom, type RandomState, seedRandom } from "../../src/machines/random";

function stream(seed: number | string | RandomState, length: number): number[] {
  let state = typeof seed === "object" ? seed : seedRandom(seed);
  return Array.from({ length }, () => {
    const [value, next] = drawRandom(state);
    state = next;
    return value;
  });
}

describe("the generator", () => {
  test("is sfc32: its stream from a known state, worked out by 64-bit arithmetic", () => {
    let [a, b, c, counter] = [1n, 2n, 3n, 4n];
    const mask = 0xffff_ffffn;
    const expected = Array.from({ length: 100 }, () => {
      const sum = (a + b + counter) & mask;
      a = b ^ (b >> 9n);
      b = (c + (c << 3n)) & mask;
      c = ((((c << 21n) & mask) | (c >> 11n)) + sum) & mask;
      counter = (counter + 1n) & mask;
      return Number(sum) / 2 ** 32;
    });
    expect(stream([1, 2, 3, 4], 100)).toEqual(expected);
  });

  test("keeps its streams: what a seed has drawn once it draws in every later version", () => {
    expect(stream("balsa", 4).map((value) => Math.floor(value * 2 ** 32))).toEqual([
      2354980320, 1607449840, 2521941964, 183138567,
    ]);
  });

  test("gives equal streams to equal seeds and others to others", () => {
    expect(stream("disk-1/1/1", 50)).toEqual(stream("disk-1/1/1", 50));
    const firsts = new Set<number>();
    for (let seed = 0; seed < 1_000; seed++) firsts.add(stream(`disk/${seed}/1`, 1)[0] ?? -1);
    expect(firsts.size).toBe(1_000);
    expect(stream(7, 5)).toEqual(stream("7", 5));
  });

  test("is about uniform in [0, 1), over one stream and over the first draws of many seeds", () => {
    const many = stream("uniform", 20_000);
    const firsts = Array.from({ length: 20_000 }, (_, seed) => stream(seed, 1)[0] ?? -1);
    for (const values of [many, firsts]) {
      const counts = new Array<number>(20).fill(0);
      for (const value of values) {
        expect(value >= 0 && value < 1).toBe(true);
        const bin = Math.floor(value * 20);
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      // 1,000 expected in each bin; five standard deviations are about 155.
      for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(155);
    }
  });

  test("changes nothing it was given", () => {
    const state = seedRandom("still");
    const before = [...state];
    drawRandom(state);
    expect([...state]).toEqual(before);
  });
});
