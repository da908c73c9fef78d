/** The README's examples, as they stand there, work. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as kit from "balsa/simulation";
import { Simulation } from "../../src/simulation/simulation";

const text = readFileSync(join(import.meta.dir, "../../src/simulation/README.md"), "utf8");
const examples = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? "");
const [whole = "", awaiting = "", members = ""] = examples;

/** What whole examples import, and what they may therefore use. */
const IMPORTS = [
  'import { expect, test } from "bun:test";',
  'import { simulate } from "balsa/simulation";',
];

type Body = () => void | Promise<void>;
const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

describe("the simulator's README", () => {
  for (const [which, example] of Object.entries({ first: whole, members })) {
    test(`its ${which} example is a test that passes`, () => {
      for (const line of IMPORTS) expect(example).toContain(line);
      const code = example.split("\n").filter((line) => !line.startsWith("import "));
      const tests: Body[] = [];
      const collect = (_: string, body: Body) => tests.push(body);
      new Function("expect", "test", "simulate", code.join("\n"))(expect, collect, kit.simulate);
      expect(tests).toHaveLength(1);
      for (const body of tests) body();
    });
  }

  test("its awaiting example too", async () => {
    const sim = kit.simulate({ seed: 1, nodes: 3 });
    sim.leader();
    expect(awaiting).toContain("Promise.all");
    await new AsyncFunction("sim", awaiting)(sim);
    expect(sim.get("b").wait()).toMatchObject({ version: 1 });
  });

  test("it names every call of the kit", () => {
    const calls = Object.getOwnPropertyNames(Simulation.prototype);
    const plain = ["constructor", "nodes", "node", "others"];
    for (const call of calls) if (!plain.includes(call)) expect(text).toContain(call);
  });
});
