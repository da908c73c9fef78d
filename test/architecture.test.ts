/**
 * The rules of the house, checked over every file. No exceptions list: a rule that hurts is changed
 * here, for everyone, with its reason. Below, each rule is shown to fail on a small bad sample.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PAGE, pageIsOfTheBrowser } from "./architecture/browser";
import {
  type Manifest,
  undeclaredImports,
  undocumentedDependencies,
} from "./architecture/dependencies";
import { circlesAmong, importsGoDown, xstateStaysInItsRooms } from "./architecture/imports";
import { machinesArePure } from "./architecture/purity";
import {
  filesAreShort,
  functionsAreShort,
  linesAreNarrow,
  namesSayWhat,
  typesAreHonest,
} from "./architecture/shape";
import {
  describeViolation,
  parseSource,
  projectRoot,
  type Rule,
  readSources,
  type Violation,
} from "./architecture/source";

const sources = readSources(["src", "test", "scripts", "bench"]);
const manifest: Manifest = await Bun.file(join(projectRoot, "package.json")).json();
const contributing = readFileSync(join(projectRoot, "CONTRIBUTING.md"), "utf8");

const rules: Readonly<Record<string, Rule>> = {
  "imports go down": importsGoDown,
  "xstate stays in machines and actors": xstateStaysInItsRooms,
  "machines are pure": machinesArePure,
  "the page is of the browser": pageIsOfTheBrowser,
  "files are short": filesAreShort,
  "functions are short": functionsAreShort,
  "lines are narrow": linesAreNarrow,
  "types are honest": typesAreHonest,
  "names say what is inside": namesSayWhat,
};

const told = (violations: readonly Violation[]) => violations.map(describeViolation);

// Every file is read and parsed, also on a machine that has other things to do.
setDefaultTimeout(60_000);

describe("the house", () => {
  test("has sources to look at", () => {
    for (const folder of ["src/", "bench/"]) {
      expect(sources.filter(({ path }) => path.startsWith(folder)).length).toBeGreaterThan(3);
    }
  });
  for (const [name, rule] of Object.entries(rules)) {
    test(name, () => expect(told(sources.flatMap(rule))).toEqual([]));
  }
  test("no files import each other in a circle", () => {
    expect(told(circlesAmong(sources))).toEqual([]);
  });
  test("every dependency has its line in CONTRIBUTING.md", () => {
    expect(told(undocumentedDependencies(manifest, contributing))).toEqual([]);
  });
  test("what src imports is declared", () => {
    expect(told(sources.flatMap((source) => undeclaredImports(source, manifest)))).toEqual([]);
  });
});

/** How often `rule` objects to `text` at `path`. */
const objections = (rule: Rule, path: string, text: string) => rule(parseSource(path, text)).length;

describe("imports go down", () => {
  const cases: readonly (readonly [path: string, imported: string, objections: number])[] = [
    ["src/store/log-store.ts", "../machines/quorum", 1],
    ["src/machines/quorum.ts", "../store/ports", 1],
    ["src/machines/quorum.ts", "../codec/entry", 1],
    ["src/machines/quorum.ts", "../types", 0],
    ["src/codec/entry.ts", "../store/ports", 1],
    ["src/types.ts", "./codec/entry", 1],
    ["src/errors.ts", "./types", 0],
    ["src/actors/node.actor.ts", "../machines/raft/raft.machine", 0],
    ["src/actors/node.actor.ts", "../api/app", 1],
    ["src/api/app.ts", "../actors/node-handle", 0],
    ["src/api/app.ts", "../actors/node.actor", 1],
    ["src/api/app.ts", "../store/ports", 1],
    ["src/api/routes/get.ts", "../../main", 1],
    ["src/main.ts", "./actors/bun/tcp", 0],
    ["src/main.ts", "../package.json", 0],
    ["src/api/app.ts", "../../package.json", 1],
    ["src/actors/node.actor.ts", "./bun/tcp", 1],
    ["src/simulation/cluster.ts", "../actors/bun/tcp", 1],
    ["src/simulation/cluster.ts", "../actors/node.actor", 0],
    ["src/simulation/cluster.ts", "../api/app", 1],
    ["src/cli/get.ts", "../client/client", 0],
    ["src/cli/get.ts", "../api/app", 1],
    ["src/client/client.ts", "../cli/get", 1],
    ["src/main.ts", "./cli/program", 0],
    ["src/observe/journal.ts", "../simulation/cluster", 1],
    ["src/api/app.ts", "../attic/trunk", 1],
    ["src/attic/trunk.ts", "../types", 1],
    ["src/store/log-store.ts", "../../bench/statistics", 1],
    ["bench/micro/append.ts", "../../src/store/log-store", 0],
  ];
  for (const [path, imported, expected] of cases) {
    test(`${path} ${expected ? "must not" : "may"} import ${imported}`, () => {
      const forms = [
        `import { x } from "${imported}";`,
        `import type { x } from "${imported}";`,
        `export * from "${imported}";`,
        `export { x } from "${imported}";`,
        `const x = await import("${imported}");`,
        `const x = require("${imported}");`,
        `type X = import("${imported}").X;`,
      ];
      for (const form of forms) expect(objections(importsGoDown, path, form)).toBe(expected);
    });
  }
  test("a client sees of the API its type, and of the rest the leaves", () => {
    const from = (text: string) => objections(importsGoDown, "src/client/calls.ts", text);
    expect(from('import type { Api } from "../api/app";')).toBe(0);
    expect(from('import type { Outcome } from "../errors";')).toBe(0);
    expect(from('import { createApi } from "../api/app";')).toBe(1);
    expect(from('import type { Reads } from "../api/reads";')).toBe(1);
    expect(from('import type { NodeHandle } from "../actors/node-handle";')).toBe(1);
  });
  test("a circle of values is found, a circle of types is not", () => {
    const circle = (word: string) => [
      parseSource("src/store/a.ts", `import ${word} { b } from "./b";`),
      parseSource("src/store/b.ts", `import ${word} { c } from "./c";`),
      parseSource("src/store/c.ts", `import ${word} { a } from "./a";`),
    ];
    expect(circlesAmong(circle("")).map(({ path }) => path)).toEqual(["src/store/a.ts"]);
    expect(circlesAmong(circle("type"))).toEqual([]);
  });
  test("xstate outside its rooms", () => {
    const text = `import { setup } from "xstate"; import { g } from "xstate/graph";`;
    expect(objections(xstateStaysInItsRooms, "src/store/segment.ts", text)).toBe(2);
    expect(objections(xstateStaysInItsRooms, "src/machines/raft/base.ts", text)).toBe(0);
  });
});

describe("machines are pure", () => {
  const impure = [
    "Bun.nanoseconds();",
    "const now = Date.now();",
    "new Date();",
    "Math.random();",
    'Math["random"]();',
    "setTimeout(f, 1);",
    "setInterval(f, 1);",
    "queueMicrotask(f);",
    'fetch("http://localhost");',
    "process.exit(1);",
    "console.log(1);",
    "crypto.randomUUID();",
    "performance.now();",
    "globalThis.x;",
    "async () => 1;",
    "for await (const x of y) f(x);",
    'import { readFileSync } from "node:fs";',
    'import { Packr } from "msgpackr";',
    'import "bun";',
    "const fields = { process };",
  ];
  for (const text of impure) {
    test(text, () => {
      expect(objections(machinesArePure, "src/machines/raft/rules.ts", text)).toBeGreaterThan(0);
      expect(objections(machinesArePure, "src/actors/clock.ts", text)).toBe(0);
    });
  }
  test("a field that happens to bear such a name is no reference", () => {
    const text = `import { setup } from "xstate"; clock.setTimeout(f, 1); const a = { fetch: 1 };`;
    expect(objections(machinesArePure, "src/machines/raft/rules.ts", text)).toBe(0);
  });
});

describe("the page is of the browser", () => {
  const cases: readonly (readonly [path: string, text: string, objections: number])[] = [
    [`${PAGE}view/ring.ts`, `import { a } from "./rows";`, 0],
    [`${PAGE}view/ring.ts`, `import { a } from "../live/clock";`, 1],
    [`${PAGE}view/ring.ts`, `import type { Live } from "../answers";`, 0],
    [`${PAGE}view/ring.ts`, `import { signal } from "@preact/signals";`, 1],
    [`${PAGE}view/ring.ts`, `import type { ElkNode } from "elkjs/lib/elk-api";`, 0],
    [`${PAGE}view/ring.ts`, "const now = Date.now(); document.title;", 2],
    [`${PAGE}live/clock.ts`, "const now = Date.now(); document.title;", 0],
    [`${PAGE}live/clock.ts`, "process.exit(1); Bun.sleep(1);", 2],
    [`${PAGE}live/clock.ts`, `import { a } from "../panels/panel";`, 1],
    [`${PAGE}live/clock.ts`, `import { a } from "../../../schemas";`, 1],
    [`${PAGE}answers.ts`, `import type * as a from "../../schemas";`, 0],
    [`${PAGE}answers.ts`, `import * as a from "../../schemas";`, 1],
    [`${PAGE}panels/panel.tsx`, `import { a } from "node:fs";`, 1],
    [`${PAGE}panels/panel.tsx`, `import { a } from "lodash";`, 1],
    [`${PAGE}panels/panel.tsx`, `const a = <b class="c">{d}</b>;`, 0],
    ["src/api/app.ts", `import { a } from "./dashboard/page/view/ring";`, 1],
    ["src/api/app.ts", `import { a } from "preact";`, 1],
  ];
  for (const [path, text, expected] of cases) {
    test(`${path}: ${text}`, () => {
      expect(objections(pageIsOfTheBrowser, path, text)).toBe(expected);
    });
  }
});

describe("shape", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, at) => `f(${at});`).join("\n");

  test("a file of 301 lines", () => {
    expect(objections(filesAreShort, "test/long.test.ts", `${lines(300)}\n`)).toBe(0);
    expect(objections(filesAreShort, "test/long.test.ts", `${lines(301)}\n`)).toBe(1);
  });
  test("a function of 61 own lines; nested functions count for themselves", () => {
    const wrap = (body: string) => `function f() {\n${body}\n}`;
    expect(objections(functionsAreShort, "src/a.ts", wrap(lines(58)))).toBe(0);
    expect(objections(functionsAreShort, "src/a.ts", wrap(lines(59)))).toBe(1);
    expect(objections(functionsAreShort, "bench/a.ts", wrap(lines(59)))).toBe(1);
    const nested = `run(() => {\n${lines(58)}\n});`;
    expect(objections(functionsAreShort, "src/a.ts", wrap(nested))).toBe(0);
    expect(objections(functionsAreShort, "src/a.ts", wrap(wrap(lines(59))))).toBe(1);
    expect(
      objections(functionsAreShort, "src/a.ts", `class A { ${wrap(lines(59)).slice(9)} }`),
    ).toBe(1);
  });
  test("a line of 101 columns", () => {
    expect(objections(linesAreNarrow, "scripts/a.ts", `// ${"→".repeat(97)}`)).toBe(0);
    expect(objections(linesAreNarrow, "scripts/a.ts", `// ${"→".repeat(98)}`)).toBe(1);
  });
  test("ways round the types", () => {
    const dishonest = [
      "let x: any;",
      "f(x as any);",
      "x!.y;",
      "class A { x!: number }",
      "// @ts-ignore",
      "// @ts-expect-error because",
      "/* @ts-nocheck */",
      "// biome-ignore lint/style/useConst: because",
    ];
    for (const text of dishonest) {
      for (const path of ["src/a.ts", "bench/a.ts"]) {
        expect(objections(typesAreHonest, path, text)).toBe(1);
      }
    }
    const honest =
      "// biome-ignore lint/a/b: Justification: a wire format.\nconst any = !x && y != z;";
    expect(objections(typesAreHonest, "src/a.ts", honest)).toBe(0);
  });
  test("names", () => {
    const bad = [
      "src/utils.ts",
      "src/api/string-utils.ts",
      "src/helpers/a.ts",
      "src/log-manager.ts",
    ];
    for (const path of [...bad, "src/LogStore.ts", "src/log_store.ts"]) {
      expect(objections(namesSayWhat, path, "")).toBe(1);
    }
    for (const path of ["src/store/log-store.ts", "src/machines/raft/raft.machine.ts"]) {
      expect(objections(namesSayWhat, path, "")).toBe(0);
    }
  });
});

describe("dependencies", () => {
  const sample: Manifest = { dependencies: { xstate: "1" }, devDependencies: { "@a/b": "1" } };

  test("one without its line", () => {
    const names = (text: string) => undocumentedDependencies(sample, text).map((v) => v.message);
    expect(names("- `xstate`: the machines.\n- `@a/b`: builds.")).toEqual([]);
    expect(names("- `xstate`: the machines.\nWe use `@a/b`.")).toHaveLength(1);
    expect(names("- `xstate`:\n- `@a/b`: builds.")).toHaveLength(1);
  });
  test("one that is imported but not declared", () => {
    const found = (text: string) => undeclaredImports(parseSource("src/a.ts", text), sample).length;
    expect(found('import "xstate/graph"; import "node:fs"; import "bun"; import "./b";')).toBe(0);
    expect(found('import "@a/b/c";')).toBe(1);
  });
});
