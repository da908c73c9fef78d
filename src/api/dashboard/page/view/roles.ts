/** What a state of the Raft chart makes of its node. */

/** The roles of the paper, and what is none of them. */
export type Role = "leader" | "candidate" | "follower" | "joining" | "unknown";

/** The role of a dotted path: `leader.serving` is a leader, a pre-candidate asks for votes, too. */
export function roleOf(path: string | null): Role {
  switch (path?.split(".", 1)[0]) {
    case "leader":
      return "leader";
    case "candidate":
    case "preCandidate":
      return "candidate";
    case "follower":
      return "follower";
    case "joining":
      return "joining";
    default:
      return "unknown";
  }
}

const TITLES: Readonly<Record<Role, string>> = {
  leader: "Leader",
  candidate: "Candidate",
  follower: "Follower",
  joining: "Joining",
  unknown: "Unknown",
};

/** A role as it is written beside its node; a pre-candidate is told from a candidate. */
export const roleTitle = (role: Role, path: string | null = null): string =>
  path === "preCandidate" ? "Pre-candidate" : TITLES[role];
