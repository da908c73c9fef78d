import { expect, test } from "bun:test";
import { parseProcfile, readProcfile } from "../../scripts/procfile";

test("comments and blank lines are skipped, and only the first colon parts", () => {
  expect(parseProcfile("# three nodes\n\n n1: exec a --x 1:2 \nn-2:b\n")).toEqual([
    { name: "n1", command: "exec a --x 1:2" },
    { name: "n-2", command: "b" },
  ]);
});

test("a line without a name is refused", () => {
  expect(() => parseProcfile("n1 exec bun")).toThrow('no "name: command" in "n1 exec bun"');
});

test("the Procfile runs three nodes that differ in their numbers only, without a shell", () => {
  const commands = readProcfile().map(({ name, command }) => {
    const id = name.slice(1);
    expect(command).toContain(`--id ${id} `);
    expect(command).toContain(`--api 127.0.0.1:808${id} `);
    expect(command).toEndWith(`--data data/${id}`);
    // Without `exec`, nf would signal the shell and orphan the node.
    expect(command).toStartWith("exec bun src/main.ts ");
    return command.replaceAll(/--id \d|:808\d|data\/\d/g, "");
  });
  expect(commands).toHaveLength(3);
  expect(new Set(commands).size).toBe(1);
  expect(commands[0]).toContain('"1=127.0.0.1:9081,2=127.0.0.1:9082,3=127.0.0.1:9083"');
});
