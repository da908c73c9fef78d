import { describe, expect, test } from "bun:test";
import { crc32 } from "../../src/codec/crc32";
import { packFields } from "../../src/codec/fields";
import { RECORD_HEADER_BYTES } from "../../src/codec/record";
import { StartupError } from "../../src/errors";
import { HARD_STATE_FILE } from "../../src/store/hard-state";
import { IDENTITY_FILE, noteMove, writeIdentity } from "../../src/store/identity";
import type { StoreOptions } from "../../src/store/open-store";
import { PREAMBLE_BYTES } from "../../src/store/preamble";
import { clusterId, diskId, foundedBy, nodeId } from "../../src/types";
import { founders, StoreRig } from "./store-rig";

const PAYLOAD_OFFSET = PREAMBLE_BYTES + RECORD_HEADER_BYTES;

function startupError(rig: StoreRig, options: Partial<StoreOptions>): StartupError {
  try {
    rig.open(options);
  } catch (error) {
    if (error instanceof StartupError) return error;
    throw error;
  }
  return expect.unreachable();
}

/** A directory that was started once and closed. */
function founded(): StoreRig {
  const rig = new StoreRig();
  rig.close(rig.open());
  return rig;
}

describe("the identity", () => {
  test("is written at the first start and found at each later one", () => {
    const rig = new StoreRig();
    const first = rig.open({ drawDiskId: () => diskId("drawn") });
    expect(first.identity).toMatchObject({ nodeId: 1, clusterId: "c", diskId: "drawn", founders });
    rig.close(first);
    const later = rig.open({ clusterId: null, founders: null, drawDiskId: expect.unreachable });
    expect(later.identity).toEqual({ ...first.identity, incarnation: later.identity.incarnation });
    rig.close(later);
    const reversed = foundedBy(founders.voters.toReversed());
    expect(rig.open({ founders: reversed }).identity.founders).toEqual(founders);
  });

  test("needs to be told at the first start", () => {
    expect(startupError(new StoreRig(), { clusterId: null })).toMatchObject({
      code: "bad_flag",
      message: "/simulated/ is empty: its first start needs --cluster, or --join",
    });
    expect(startupError(new StoreRig(), { founders: null }).code).toBe("bad_flag");
  });

  test("of another node is refused, saying how to mend it", () => {
    expect(startupError(founded(), { nodeId: nodeId(2) })).toMatchObject({
      code: "wrong_node",
      message: expect.stringContaining("start with --id 1 or name another --data directory"),
    });
  });

  test("of another cluster is refused, by its founders and by its id", () => {
    const fewer = foundedBy(founders.voters.slice(1));
    expect(startupError(founded(), { founders: fewer })).toMatchObject({
      code: "wrong_cluster",
      message: expect.stringContaining("1=127.0.0.1:9081,2=127.0.0.1:9082,3=127.0.0.1:9083"),
    });
    expect(startupError(founded(), { clusterId: clusterId("other") })).toMatchObject({
      code: "wrong_cluster",
      message: expect.stringContaining("--cluster-token"),
    });
  });

  test("after a refusal the directory is free for its owner", () => {
    const rig = founded();
    startupError(rig, { nodeId: nodeId(2) });
    rig.open();
  });

  test("damaged in any byte stops the node", () => {
    const length = founded().disk.file(IDENTITY_FILE).size;
    for (let byte = 0; byte < length; byte++) {
      const rig = founded();
      rig.disk.flipBit(IDENTITY_FILE, byte);
      expect(() => rig.open()).toThrow(/identity\.balsa/);
    }
  });

  test("of before there were backups is read as one that began with nothing", () => {
    const opened = founded().open();
    expect(opened.identity.restoredFrom).toBe(null);
  });

  test("keeps where the node was to be found, with a backup or without", () => {
    const peerPort = { listen: "0.0.0.0:9081", configured: "kv1.example:9081" };
    const rig = new StoreRig();
    rig.close(rig.open({ peerPort }));
    const later = rig.open({ peerPort: { listen: "h:1", configured: "h:1" } });
    expect(later.identity).toMatchObject({ ...peerPort, restoredFrom: null });
    rig.close(later);
    writeIdentity(rig.disk.mount(rig.clock), { ...later.identity, restoredFrom: 7 });
    expect(rig.open().identity).toMatchObject({ ...peerPort, restoredFrom: 7 });
  });

  test("keeps that the node has moved", () => {
    const rig = new StoreRig();
    const first = rig.open({ peerPort: { listen: "h:1", configured: "h:1" } });
    rig.close(first);
    noteMove(rig.disk.mount(rig.clock), first.identity, "h:2");
    const { incarnation: _, ...stored } = first.identity;
    const later = rig.open().identity;
    expect(later).toMatchObject({ ...stored, listen: "h:2", configured: null });
  });

  test("of before that was kept is read as one that does not know", () => {
    const rig = founded();
    const unknown = { listen: null, configured: null };
    expect(rig.open().identity).toMatchObject(unknown);
    const restored = new StoreRig();
    const first = restored.open();
    restored.close(first);
    const { nodeId, clusterId, diskId } = first.identity;
    const members = founders.voters.flatMap(({ id, peerAddress }) => [id, peerAddress]);
    const written = (...later: number[]) =>
      packFields([nodeId, clusterId, diskId, founders.voters.length, ...members, ...later]);
    const payloadOf = (restoredFrom: number | null) => {
      const fileSystem = restored.disk.mount(restored.clock);
      writeIdentity(fileSystem, { ...first.identity, ...unknown, restoredFrom });
      return restored.disk.file(IDENTITY_FILE).read(0, 4096).subarray(PAYLOAD_OFFSET);
    };
    expect(payloadOf(null)).toEqual(written());
    expect(payloadOf(7)).toEqual(written(7));
    expect(restored.open().identity).toMatchObject({ ...unknown, restoredFrom: 7 });
  });

  test("missing beside a log or a vote stops the node", () => {
    const rig = founded();
    rig.disk.lose(IDENTITY_FILE);
    expect(() => rig.open()).toThrow(/missing beside a log or a vote/);
    rig.disk.lose(HARD_STATE_FILE);
    rig.open();
  });

  test("written by a later version is left alone, and said so", () => {
    const rig = founded();
    const preamble = rig.disk.file(IDENTITY_FILE).read(0, 16);
    const view = new DataView(preamble.buffer);
    view.setUint32(8, 2);
    view.setUint32(12, crc32(preamble.subarray(0, 12)));
    rig.disk.file(IDENTITY_FILE).write(0, preamble);
    expect(startupError(rig, {})).toMatchObject({
      code: "data_unreadable",
      message: expect.stringContaining("has format 2, this version of Balsa reads 1"),
    });
  });
});
