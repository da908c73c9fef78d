/**
 * A write is on two of three nodes; one of them loses its log's tail, the other dies. Nobody who is
 * left may lead.
 */
import type { Script } from "./script";

/** Longer than the durable mark takes to be repeated beside the hard state. Units: ms. */
export const MARKED_MS = 2500;

export const tailLost: Script = {
  seedsMax: 5,
  play({ kit, run }) {
    const leader = kit.leader();
    kit.run(MARKED_MS);
    const [victim, absent] = kit.others(leader);
    if (victim === undefined || absent === undefined) throw new Error("three nodes");
    const segment = () => victim.disk.list().findLast((name) => name.startsWith("log-")) ?? "";
    kit.isolate(absent);
    const bytes = victim.disk.file(segment());
    const before = lengthOf(bytes);
    kit.set("key", "kept").wait();
    kit.run(MARKED_MS);
    kit.kill(victim);
    victim.disk.cut(segment(), before);
    run.allowForgetting(victim, "tail");
    kit.losePower(leader);
    kit.heal();
    kit.boot(victim);
    kit.run(3000);
  },
};

/** Where the zeros behind the last record begin. */
function lengthOf(file: { readonly size: number; read(at: number, length: number): Uint8Array }) {
  return file.read(0, file.size).findLastIndex((byte) => byte !== 0) + 1;
}
