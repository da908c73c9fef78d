/**
 * Makes a failing scenario small enough to be read: fewer actions first, then fewer nodes, plainer
 * operations and a calmer world. Source: Zeller and Hildebrandt 2002, "Simplifying and isolating
 * failure-inducing input" (ddmin).
 */
import { calmNetwork } from "../../src/simulation/network";
import { nodeId } from "../../src/types";
import { actionKinds } from "./actions";
import type { Action, Scenario } from "./scenario";

/** Whether a scenario still fails in the same way. */
export type Fails = (scenario: Scenario) => boolean;

export interface Failure {
  readonly scenario: Scenario;
  /** When it failed. Units: ms. */
  readonly atMs: number;
}

/** The smallest scenario found within `attemptsMax` tries; the given one must fail. */
export function shrink({ atMs, scenario }: Failure, fails: Fails, attemptsMax: number): Scenario {
  let attempts = 0;
  const isWorse = (smaller: Scenario) => attempts++ < attemptsMax && failsSafely(fails, smaller);
  const cut = cutAt(scenario, atMs);
  let smallest = isWorse(cut) ? cut : scenario;
  for (let before = Number.POSITIVE_INFINITY; smallest.actions.length < before; ) {
    before = smallest.actions.length;
    smallest = { ...smallest, actions: fewerActions(smallest, isWorse) };
    for (const simpler of simplerWorlds) {
      const candidate = simpler(smallest);
      if (isWorse(candidate)) smallest = candidate;
    }
    smallest = plainerActions(smallest, isWorse);
  }
  return smallest;
}

/** What comes after the failure has nothing to do with it. */
export const cutAt = (scenario: Scenario, ms: number): Scenario => ({
  ...scenario,
  actions: scenario.actions.filter(({ atMs }) => atMs <= ms),
  durationMs: Math.min(scenario.durationMs, Math.ceil(ms) + 1),
});

/** One that names a node that is gone is no smaller scenario. */
function failsSafely(fails: Fails, scenario: Scenario): boolean {
  try {
    return fails(scenario);
  } catch {
    return false;
  }
}

/** ddmin: leaves out ever smaller pieces as long as what remains still fails. */
function fewerActions(scenario: Scenario, fails: Fails): readonly Action[] {
  let { actions } = scenario;
  for (let pieces = 2; actions.length > 0; ) {
    const length = Math.ceil(actions.length / pieces);
    const without = (start: number) => [
      ...actions.slice(0, start),
      ...actions.slice(start + length),
    ];
    const starts = Array.from({ length: Math.ceil(actions.length / length) }, (_, i) => i * length);
    const start = starts.find((at) => fails({ ...scenario, actions: without(at) }));
    if (start !== undefined) {
      actions = without(start);
      pieces = Math.max(2, pieces - 1);
    } else if (length <= 1) return actions;
    else pieces = Math.min(actions.length, 2 * pieces);
  }
  return actions;
}

const withSetup = (scenario: Scenario, setup: Partial<Scenario["setup"]>): Scenario => ({
  ...scenario,
  setup: { ...scenario.setup, ...setup },
});

function withNodes(scenario: Scenario, nodes: number): Scenario {
  const core = scenario.core.filter((id) => id <= nodes);
  const whole = Array.from({ length: nodes }, (_, place) => nodeId(place + 1));
  return { ...withSetup(scenario, { nodes }), core: core.length * 2 > nodes ? core : whole };
}

/** Nothing happens for no longer than `gapMs`. */
function hurried(scenario: Scenario, gapMs: number): Scenario {
  let before = 0;
  let nowMs = 0;
  const actions = scenario.actions.map((action) => {
    nowMs += Math.min(gapMs, action.atMs - before);
    before = action.atMs;
    return { ...action, atMs: Math.round(nowMs) };
  });
  const restMs = scenario.durationMs - before;
  return { ...scenario, actions, durationMs: Math.ceil(nowMs + restMs) };
}

const simplerWorlds: readonly ((scenario: Scenario) => Scenario)[] = [
  (scenario) => withNodes(scenario, Math.min(3, scenario.setup.nodes)),
  (scenario) => withNodes(scenario, Math.max(1, scenario.setup.nodes - 1)),
  (scenario) => withSetup(scenario, { streams: false }),
  (scenario) => withSetup(scenario, { network: calmNetwork }),
  (scenario) => {
    const { network } = scenario.setup;
    return withSetup(scenario, { network: { ...network, dropProbability: 0 } });
  },
  (scenario) => withSetup(scenario, { syncMsMean: 1 }),
  (scenario) => withSetup(scenario, { kinds: kindsOf(scenario) }),
  (scenario) => hurried(scenario, 50),
  (scenario) => hurried(scenario, 300),
  (scenario) => hurried(scenario, 1000),
  (scenario) => ({ ...scenario, durationMs: Math.ceil(scenario.actions.at(-1)?.atMs ?? 0) + 1 }),
];

const kindsOf = ({ actions }: Scenario): readonly string[] =>
  actionKinds.map(({ name }) => name).filter((name) => actions.some(({ kind }) => kind === name));

/** What an action's parameters would be if nothing hung on them. */
const PLAIN: Readonly<Record<string, unknown>> = {
  length: 1,
  onlyIf: "always",
  isKeyed: false,
  op: "set",
  after: 1,
};

function plainerActions(scenario: Scenario, fails: Fails): Scenario {
  let plain = scenario;
  for (const { id } of scenario.actions) {
    for (const [name, value] of Object.entries(PLAIN)) {
      const candidate = withParameter(plain, id, { [name]: value });
      if (candidate !== null && fails(candidate)) plain = candidate;
    }
  }
  return plain;
}

/** null where the action has no such parameter, or has this value already. */
function withParameter(scenario: Scenario, id: number, plain: object): Scenario | null {
  let isOther = false;
  const actions = scenario.actions.map((action) => {
    const known = Object.entries(action.params);
    const [[name, value] = []] = Object.entries(plain);
    if (action.id !== id || !known.some(([key, old]) => key === name && old !== value))
      return action;
    isOther = true;
    return { ...action, params: { ...action.params, ...plain } };
  });
  return isOther ? { ...scenario, actions } : null;
}
