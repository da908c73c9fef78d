/** What `recover` is told on the command line. */
import type { Invocation } from "./config";
import {
  addEnvironment,
  badFlag,
  describeFlag,
  type Environment,
  type Flag,
  flag,
  readFlags,
  readId,
  readReachable,
} from "./flags";
import type { Address, NodeId } from "./types";

export interface RecoverCommand {
  readonly dataDirectory: string;
  /** null: whose directory it is. */
  readonly nodeId: NodeId | null;
  /** Where the node is to be found from now on; null: where it was. */
  readonly peerAddress: Address | null;
  /** Without it, tells what would be done. */
  readonly isConfirmed: boolean;
  /** Although something speaks against it. */
  readonly isForced: boolean;
}

export const RECOVER_FLAGS: readonly Flag[] = [
  flag("data", "data/<id>", "data directory of the node that survived; it must be stopped"),
  flag("id", "as stored", "the node's id"),
  // Where a node listens is not for the environment of a repair to say.
  { ...flag("peer", "as it was", "where the others will find its peer port"), environment: "" },
];
export const RECOVER_SWITCHES = {
  yes: "do it",
  force: "do it although something speaks against it",
};

/** **Errors**: `StartupError` `bad_flag`. */
export function readRecovery(args: readonly string[], environment: Environment): Invocation {
  const given = readFlags(args, { flags: RECOVER_FLAGS, switches: Object.keys(RECOVER_SWITCHES) });
  if (given.has("help")) return { kind: "help", text: helpText() };
  if (given.has("version")) return { kind: "version" };
  addEnvironment(given, RECOVER_FLAGS, environment);
  const id = given.get("id");
  const peer = given.get("peer");
  const dataDirectory = given.get("data") ?? (id && `data/${id}`);
  if (dataDirectory === undefined) {
    throw badFlag("--data is missing: name the directory of the node that survived");
  }
  const command = {
    dataDirectory,
    nodeId: id === undefined ? null : readId(id),
    peerAddress: peer === undefined ? null : readReachable("--peer", peer),
    isConfirmed: given.has("yes"),
    isForced: given.has("force"),
  };
  return { kind: "recover", command };
}

function helpText(): string {
  const switches = Object.entries(RECOVER_SWITCHES).map(
    ([name, meaning]) => `  --${name.padEnd(48)}${meaning}`,
  );
  return [
    "Makes one surviving node the only voter of its cluster, when too many of the others are lost",
    "for good. Acknowledged writes may be lost. Without --yes it tells what it would do.",
    "",
    "  npx balsa recover --data data/1 --yes",
    "",
    ...RECOVER_FLAGS.map(describeFlag),
    ...switches,
  ].join("\n");
}
