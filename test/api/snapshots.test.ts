import { describe, expect, test } from "bun:test";
import { outOfSpace, timedOut } from "../../src/errors";
import { apiOnMap } from "./asking";

describe("POST /v1/snapshot", () => {
  test("answers with the newest snapshot", async () => {
    const { ask } = apiOnMap();
    const answer = await ask("POST", "/v1/snapshot");
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ node: 1, index: 8, term: 3, bytes: 1234 });
  });
  test("a full disk is 507", async () => {
    const { ask, node } = apiOnMap();
    node.fault = outOfSpace("the disk of this node has no room for a snapshot");
    expect((await ask("POST", "/v1/snapshot")).status).toBe(507);
  });
  test("a GET is told what to use", async () => {
    const answer = await apiOnMap().ask("GET", "/v1/snapshot");
    expect(answer.status).toBe(405);
    expect(answer.headers.get("Allow")).toBe("POST, OPTIONS");
  });
});

describe("GET /v1/backup", () => {
  test("streams all pieces, names the revision, and lets the copy go", async () => {
    const { ask, node } = apiOnMap();
    await ask("PUT", "/v1/kv/k", { body: "v", headers: { "Content-Type": "text/plain" } });
    node.backupPieces = [Uint8Array.of(104, 101), Uint8Array.of(121)];
    const answer = await ask("GET", "/v1/backup");
    expect(answer.status).toBe(200);
    expect(answer.text).toBe("hey");
    expect(answer.headers.get("Content-Type")).toBe("application/octet-stream");
    expect(answer.headers.get("X-Balsa-Revision")).toBe("1");
    expect(answer.headers.get("Content-Disposition")).toBe('attachment; filename="balsa-1.backup"');
    expect(node.released).toBe(1);
  });
  test("gives other work a turn between any two pieces, however fast the client", async () => {
    const { ask, node } = apiOnMap();
    node.backupPieces = Array.from({ length: 50 }, () => Uint8Array.of(104));
    let turns = 0;
    let isOver = false;
    const turn = () => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const answer = await ask("GET", "/v1/backup");
    isOver = true;
    expect(answer.text).toBe("h".repeat(50));
    expect(turns).toBeGreaterThanOrEqual(50);
  });
  test("no leader in time is told before anything is sent", async () => {
    const { ask, node } = apiOnMap();
    node.fault = timedOut("no leader confirmed the read", null);
    expect((await ask("GET", "/v1/backup?timeout=1ms")).status).toBe(504);
  });
});
