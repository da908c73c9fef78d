/**
 * Check-quorum (Thesis §6.2): "a leader in Raft steps down if an election timeout elapses without
 * a successful round of heartbeats to a majority of its cluster", so that clients try elsewhere.
 */
import { assert } from "../../../assert";
import { majority } from "../../quorum";
import { votersOf } from "../context";
import type { Consequence } from "../rule";
import type { RaftContext } from "../vocabulary";

export function hasHeardQuorum(context: RaftContext): boolean {
  const voters = votersOf(context);
  const heard = voters.filter(
    ({ id }) => id === context.id || context.leadership?.heard.has(id) === true,
  );
  return heard.length >= majority(voters.length);
}

export function forgetHeard(context: RaftContext): Consequence {
  const { leadership } = context;
  assert(leadership !== null, "only a leader checks its quorum");
  return { context: { leadership: { ...leadership, heard: new Set() } } };
}
