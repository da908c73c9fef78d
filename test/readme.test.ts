/** The first page a stranger reads must not promise what is not there. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FLAGS } from "../src/config";
import { projectRoot } from "./architecture/source";

const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");
const readme = read("README.md");
const manifest: { scripts: Record<string, string> } = JSON.parse(read("package.json"));

for (const path of ["README.md", "CONTRIBUTING.md"]) {
  test(`every link of ${path} leads somewhere`, () => {
    const targets = [...read(path).matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? "");
    const inside = targets.filter((target) => !target.includes("://"));
    const base = join(projectRoot, dirname(path));
    expect(inside.filter((target) => !existsSync(join(base, target)))).toEqual([]);
  });
}

describe("commands", () => {
  test("every npm script the pages name exists", () => {
    const named = [...`${readme}${read("CONTRIBUTING.md")}`.matchAll(/npm run ([\w:]+)/g)];
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((match) => !((match[1] ?? "") in manifest.scripts))).toEqual([]);
  });
  test("the README starts and tests in one line each, and CI runs its test line", () => {
    expect(readme).toContain("\nnpm install && npm start\n");
    expect(readme).toContain("\nnpm install && npm test\n");
    expect(read(".ci/run")).toContain("(npm install && npm test)");
  });
});

test("the table of flags is the program's own", () => {
  const rows = [...readme.matchAll(/^\| `--([\w-]+)` \| `(\w+)` \| (.+?) \|/gm)];
  const told = rows.map(([, name, environment, fallback = ""]) => ({
    name,
    environment,
    fallback: fallback.replaceAll("`", ""),
  }));
  const known = FLAGS.map(({ name, environment, fallback }) => ({ name, environment, fallback }));
  expect(told).toEqual(known);
});

test("the lockfile names no registry", () => {
  expect(read("package-lock.json")).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
});
