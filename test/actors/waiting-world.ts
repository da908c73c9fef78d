import { Deadlines } from "../../src/actors/deadlines";
import { defaultLimits, type NodeLimits } from "../../src/actors/limits";
import { PeerRequests } from "../../src/actors/peer-requests";
import { decodePeerMessage } from "../../src/codec/messages";
import { RequestError } from "../../src/errors";
import type { PeerAnswer, PeerRequest } from "../../src/messages";
import { incarnation, type NodeId, nodeId } from "../../src/types";
import { VirtualClock } from "./links/virtual-clock";

export const LEADER = nodeId(2);
export const OTHER = nodeId(3);

/** A request that has left this node. */
interface Asked {
  readonly to: NodeId;
  readonly id: number;
  readonly request: PeerRequest;
}

/** What waiting rooms stand in: time, links, and a route that the test chooses. */
export function waitingWorld(limits: Partial<NodeLimits> = {}) {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const asked: Asked[] = [];
  const world = {
    clock,
    deadlines,
    limits: { ...defaultLimits, ...limits },
    asked,
    route: null as "here" | NodeId | null,
    isLinkOpen: true,
    requests: new PeerRequests(incarnation(1), {
      clock,
      deadlines,
      transport: {
        send(to, message) {
          const decoded = decodePeerMessage(message);
          if (!world.isLinkOpen || decoded.kind !== "request") return false;
          asked.push({ to, id: decoded.id, request: decoded.request });
          return true;
        },
      },
    }),
    /** Answers what was asked last. */
    answer(answer: PeerAnswer): void {
      const last = asked.at(-1);
      if (last) world.requests.onAnswer(last.to, last.id, answer);
    },
  };
  const parts = {
    clock,
    deadlines,
    limits: world.limits,
    requests: world.requests,
    route: () => world.route,
    describeNoLeader: () => "2 voters needed, 1 reachable",
  };
  return { world, parts };
}

/** How a caller was told its end, in a word. */
export const told = <Result>(end: Result | RequestError): Result | string =>
  end instanceof RequestError ? `${end.code}, ${end.facts.outcome}` : end;
