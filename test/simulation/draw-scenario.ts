/**
 * From a seed to a scenario. Each seed has a character of its own (a swarm): some faults are left
 * out altogether, for what never happens can hide what would follow from the rest.
 */
import { NODES_MAX } from "../../src/simulation/cluster";
import { calmNetwork } from "../../src/simulation/network";
import { Seeded } from "../../src/simulation/seeded";
import { nodeId } from "../../src/types";
import { actionKinds } from "./actions";
import { addMember } from "./actions/add-member";
import { wrongClock } from "./actions/wrong-clock";
import type {
  Action,
  ActionKind,
  ChurnSetup,
  Plan,
  Scenario,
  Setup,
  SnapshotSetup,
} from "./scenario";

/** How a run's time goes by: how long faults last, and how long it is between two actions. */
interface Pace {
  /** Until progress is demanded. Units: ms. */
  readonly durationMs: number;
  /** Units: ms. */
  readonly pauseMs: number;
}

/** Most runs are busy. Units: ms. */
const DURATIONS_MS = [4000, 8000, 12_000, 20_000] as const;
const PAUSES_MS = [5, 20, 60] as const;
/** A few are long and quiet: then messages come back that are more than a minute old. */
const LONG_CHANCE = 0.02;
const LONG: Pace = { durationMs: 100_000, pauseMs: 1000 };
const LONG_REPEATS = { repeatProbability: 0.05, repeatDelayMsMax: 90_000 } as const;

export function drawScenario(seed: string): Scenario {
  const random = new Seeded(seed).fork("scenario");
  const pace = drawPace(random.fork("pace"));
  const drawn = drawSetup(random.fork("setup"));
  const network = { ...drawn.network, ...(pace === LONG && LONG_REPEATS) };
  const churn = drawChurn(random.fork("churn"), pace);
  const setup = { ...drawn, network, ...(churn && { churn }) };
  const actions = drawActions(random.fork("actions"), setup, pace);
  const wishes = drawWishes(random.fork("wishes"), { setup, id: actions.length }, pace);
  return {
    seed,
    setup,
    durationMs: pace.durationMs,
    actions: [...actions, ...wishes].sort((a, b) => a.atMs - b.atMs || a.id - b.id),
    core: drawCore(random.fork("core"), setup),
  };
}

/** In how many clusters nodes come and go. */
const CHURN_CHANCE = 0.3;
/** The last wishes are granted, or lapse, before progress is demanded. Units: ms. */
const CHURN_REST_MS = 1500;

const drawChurn = (random: Seeded, { durationMs }: Pace): ChurnSetup | null =>
  random.chance(CHURN_CHANCE)
    ? { pauseMs: random.pick([durationMs / 40, durationMs / 15]), votersMin: random.whole(1, 3) }
    : null;

/** What operators want and when, beside everything else that happens. */
function drawWishes(random: Seeded, { id: first, setup }: Plan, { durationMs }: Pace): Action[] {
  const { churn } = setup;
  const wishes: Action[] = [];
  if (!churn) return wishes;
  const kinds = actionKinds.filter(({ group }) => group === "churn");
  // One that is left out altogether can show what the rest hides, but somebody must come.
  const drawn = kinds.filter((kind) => kind === addMember || random.chance(0.7));
  const pause = () => random.exponential(churn.pauseMs);
  for (let atMs = pause(); atMs < durationMs - CHURN_REST_MS; atMs += pause()) {
    const id = first + wishes.length;
    const kind = random.chance(0.3) ? addMember : random.pick(drawn);
    const params = kind.draw(random, { setup, id });
    wishes.push({ id, atMs: Math.round(atMs * 1000) / 1000, kind: kind.name, params });
  }
  return wishes;
}

const drawPace = (random: Seeded): Pace =>
  random.chance(LONG_CHANCE)
    ? LONG
    : { durationMs: random.pick(DURATIONS_MS), pauseMs: random.pick(PAUSES_MS) };

/** One is another's prefix, and the last two sort by their bytes only: not as JavaScript has it. */
const keyNames = ["key", "key-1", "key-10", "key-\u{1F511}", "key-\uFF0E"] as const;

function drawSetup(random: Seeded): Setup {
  const electionTimeoutMs = random.pick([100, 150, 300]);
  const faults = actionKinds.filter(({ group }) => group === "fault" && random.chance(0.5));
  const commands = actionKinds.filter(({ group }) => group === "command");
  return {
    nodes: random.pick([1, 2, 3, 3, 3, 3, 4, 5, 5, 5, 7]),
    keys: keyNames.slice(0, random.whole(1, keyNames.length)),
    timing: { electionTimeoutMs, heartbeatIntervalMs: Math.floor(electionTimeoutMs / 4) },
    network: {
      ...calmNetwork,
      delayMsMean: random.pick([0.2, 1, 5]),
      keepsOrder: random.chance(0.7),
      dropProbability: random.chance(0.3) ? 0.02 : 0,
      repeatProbability: random.chance(0.3) ? 0.05 : 0,
      repeatDelayMsMax: random.pick([5, 500, 20_000]),
      ...drawStreams(random.fork("streams")),
    },
    streams: random.fork("kind").chance(STREAMS_SHARE),
    syncMsMean: random.pick([0.1, 1, 8]),
    segmentBytesMax: random.pick([1024, 4096, 64 * 1024]),
    snapshots: drawSnapshots(random.fork("snapshots")),
    isCramped: random.chance(0.3),
    // Where wall clocks jump, an answer's age says nothing of how long ago it was given.
    isForgetful: !faults.includes(wrongClock) && random.chance(0.5),
    kinds: [...commands, ...faults].map(({ name }) => name),
  };
}

/** Mostly so often, and in pieces so small, that much can come between. */
const drawSnapshots = (random: Seeded): SnapshotSetup => ({
  entries: random.pick([5, 10, 20, 50, 100_000]),
  intervalMs: random.pick([200, 2000, 60_000]),
  logBytesMin: random.pick([2000, 1_000_000]),
  blockBytes: random.pick([64, 512, 4096]),
  chunkBytes: random.pick([60, 500, 5000]),
  chunksMax: random.pick([1, 2, 4]),
});

/** How many clusters talk over the production links. */
const STREAMS_SHARE = 0.25;

/** How narrow streams are. A narrow one is full after a message or two. */
export const drawStreams = (random: Seeded) => ({
  chunkBytesMax: random.pick([64 * 1024, 1000, 100]),
  sendBufferBytesMax: random.pick([256 * 1024, 4096, 500]),
});

/** Faults that meet a cluster before it has had its first leader for long. */
const EARLY_FAULTS_MAX = 6;

/**
 * Busy and quiet times take turns; within one, moments are drawn independently. Some clusters are
 * born into trouble: what happens once in a cluster's life happens then.
 */
function drawActions(random: Seeded, setup: Setup, { durationMs, pauseMs }: Pace): Action[] {
  const allowed = actionKinds.filter(({ name }) => setup.kinds.includes(name));
  const commands = allowed.filter(({ group }) => group === "command");
  const faults = allowed.filter(({ group }) => group === "fault");
  const faultShare = random.pick([0.01, 0.03, 0.1]);
  const actions: Action[] = [];
  const add = (kind: ActionKind, atMs: number) => {
    const id = actions.length;
    const params = kind.draw(random, { setup, id });
    actions.push({ id, atMs: Math.round(atMs * 1000) / 1000, kind: kind.name, params });
  };
  let atMs = 0;
  const early = faults.length > 0 && random.chance(0.3) ? random.whole(1, EARLY_FAULTS_MAX) : 0;
  for (let count = 0; count < early; count++) {
    atMs += random.exponential(setup.timing.electionTimeoutMs / 2);
    add(random.pick(faults), atMs);
  }
  for (;;) {
    const isQuiet = random.chance(0.02);
    atMs += isQuiet ? random.between(0, 2000) : random.exponential(pauseMs);
    if (atMs >= durationMs) return actions;
    const isFault = faults.length > 0 && random.chance(faultShare);
    const kind: ActionKind = isFault ? random.pick(faults) : pickCommand(random, commands);
    add(kind, atMs);
  }
}

/** Writes and reads are common, everything else is rare. */
function pickCommand(random: Seeded, commands: readonly ActionKind[]): ActionKind {
  const [first, second, ...rest] = commands;
  if (first === undefined || second === undefined) throw new Error("there are commands to draw");
  if (rest.length > 0 && random.chance(0.15)) return random.pick(rest);
  return random.chance(0.6) ? first : second;
}

/** At least a majority; of those who come later any. */
function drawCore(random: Seeded, { churn, nodes: founders }: Setup) {
  const nodes = churn ? NODES_MAX : founders;
  const ids = random.shuffled(Array.from({ length: nodes }, (_, place) => nodeId(place + 1)));
  const least = Math.floor(nodes / 2) + 1;
  return ids.slice(0, random.whole(least, nodes)).sort((a, b) => a - b);
}
