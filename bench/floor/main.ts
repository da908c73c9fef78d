/**
 * The floor: what is left of a set once all thought is taken out of it. Three processes of Balsa's
 * shape, with the same libraries and the same promise about disks (a batch is `fdatasync`ed on two
 * of three before its sets are answered), but no consensus, no map, no checksum, no limit and no
 * way back: the first node leads for ever, and nothing is mended. How far Balsa is from this is
 * what all the rest costs; how far this is from etcd is what this shape gains, one batch at a time.
 *
 * Usage: bun bench/floor/main.ts ID API-PORT FOLDER PEER-PORT PEER-PORT
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { keepFreedMemory } from "../../src/freed-memory";
import { followLeader } from "./follower";
import { JournalFile } from "./journal-file";
import { lead } from "./leader";

keepFreedMemory();
const [id = "", apiPort = "", folder = "", ...peerPorts] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const file = new JournalFile(join(folder, "journal"));
const options = { file, apiPort: Number(apiPort), peerPorts: peerPorts.map(Number) };
if (id === "1") await lead(options);
else followLeader({ ...options, peerPort: options.peerPorts[Number(id) - 2] ?? 0 });
