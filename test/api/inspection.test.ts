/** What the node's machines do, how fast it goes, and why it is as it is. */
import { describe, expect, test } from "bun:test";
import type { TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import {
  ChartAnswer,
  InspectAnswer,
  LiveAnswer,
  TransitionsAnswer,
  WhyAnswer,
} from "../../src/api/inspection-schemas";
import { TRANSITIONS_MAX } from "../../src/observe/transition-ring";
import { apiOnMap, invalidRequest } from "./asking";

const faultsIn = (schema: TSchema, json: unknown) =>
  [...Value.Errors(schema, json)].map(({ message, path }) => `${path}: ${message}`);

const started = {
  seq: 1,
  node: 1,
  machine: "recovery",
  from: null,
  event: "started",
  to: "recovered",
  term: 3,
  index: 5,
  reason: "start 2: found 0 log entries, term 3",
  monotonic_ms: 0,
  wall_ms: 0,
};

describe("/v1/inspect", () => {
  test("shows every machine that is there", async () => {
    const { ask } = apiOnMap();
    const json = (await ask("GET", "/v1/inspect")).json();
    expect(faultsIn(InspectAnswer, json)).toEqual([]);
    expect(json).toEqual({
      node: 1,
      monotonic_ms: 0,
      wall_ms: 0,
      first_seq: 1,
      last_seq: 1,
      machines: [
        {
          machine: "recovery",
          chart: null,
          state: "recovered",
          in_state_ms: 0,
          seq: 1,
          context: { start: 2, forgotten_up_to: null },
        },
      ],
    });
  });
});

describe("/v1/inspect/transitions", () => {
  test("is a page of what happened", async () => {
    const { ask } = apiOnMap();
    const json = (await ask("GET", "/v1/inspect/transitions")).json();
    expect(faultsIn(TransitionsAnswer, json)).toEqual([]);
    expect(json).toEqual({ items: [started], next_from: 2, first_seq: 1, last_seq: 1 });
  });

  test("goes on from a number, and has one machine or all of a kind", async () => {
    const { ask, observatory } = apiOnMap();
    observatory.end("stopped", "that is all");
    const seqs = async (query: string) => {
      const json = (await ask("GET", `/v1/inspect/transitions?${query}`)).json();
      const { items, next_from } = Value.Decode(TransitionsAnswer, json);
      return [items.map(({ seq }) => seq), next_from];
    };
    expect(await seqs("")).toEqual([[1, 2], 3]);
    expect(await seqs("limit=1")).toEqual([[1], 2]);
    expect(await seqs("from=2")).toEqual([[2], 3]);
    expect(await seqs("from=3")).toEqual([[], 3]);
    expect(await seqs("from=7")).toEqual([[], 7]);
    expect(await seqs("machine=recovery")).toEqual([[1, 2], 3]);
    expect(await seqs("machine=rec")).toEqual([[], 3]);
  });

  test("is gone where newer ones have taken its place, for a page and a stream alike", async () => {
    const { ask, observatory } = apiOnMap();
    for (let count = 0; count < TRANSITIONS_MAX; count++) observatory.end("stopped", "again");
    for (const headers of [{}, { accept: "text/event-stream" }]) {
      const answer = await ask("GET", "/v1/inspect/transitions?from=1", { headers });
      expect(answer.json()).toMatchObject({
        status: 410,
        code: "compacted",
        detail: "the transitions of this node are kept from number 2 on",
        outcome: null,
      });
    }
    const { items } = Value.Decode(
      TransitionsAnswer,
      (await ask("GET", "/v1/inspect/transitions?from=2&limit=1")).json(),
    );
    expect(items[0]?.seq).toBe(2);
  });

  const refused = {
    "from=0": "from must be a number of a transition, 1 or more",
    "from=x": "from must be a number of a transition, 1 or more",
    "limit=0": "limit must be an integer from 1 to 1000",
    "limit=1001": "limit must be an integer from 1 to 1000",
    "machine=": "machine must be a name of 1 to 64 characters",
    "since=1": expect.stringContaining("since"),
  };
  for (const [query, detail] of Object.entries(refused)) {
    test(`?${query} is refused`, async () => {
      const { ask } = apiOnMap();
      const answer = await ask("GET", `/v1/inspect/transitions?${query}`);
      expect(answer.json()).toEqual(invalidRequest(detail, null));
    });
  }
});

describe("/v1/inspect/live", () => {
  test("says where the node stands; rates from the second look on", async () => {
    const { ask, clock } = apiOnMap({ msPerLook: 1 });
    const first = (await ask("GET", "/v1/inspect/live")).json();
    expect(faultsIn(LiveAnswer, first)).toEqual([]);
    expect(first).toMatchObject({ leader_id: 2, interval_ms: null, entries_per_second: null });
    await ask("POST", "/set", { body: '{"key":"a","value":1}' });
    await ask("GET", "/get/a");
    await ask("GET", "/get/b");
    clock.advance(1000);
    const second = (await ask("GET", "/v1/inspect/live")).json();
    expect(faultsIn(LiveAnswer, second)).toEqual([]);
    expect(second).toMatchObject({
      interval_ms: 1000,
      entries_per_second: 0,
      // A write looks at the clock once more than a read: for what is left of its time.
      writes: { total: 1, failed: 0, per_second: 1, p50_ms: 1.92, p99_ms: 1.92 },
      reads: { total: 2, failed: 0, per_second: 2 },
      trouble: null,
    });
  });
});

describe("/v1/inspect/chart", () => {
  test("is the definition of a machine, and a drawing", async () => {
    const { ask } = apiOnMap();
    const json = (await ask("GET", "/v1/inspect/chart")).json();
    expect(faultsIn(ChartAnswer, json)).toEqual([]);
    const { chart, mermaid, states, transitions } = Value.Decode(ChartAnswer, json);
    expect(chart).toBe("raft");
    expect(states.map(({ id }) => id)).toContain("leader.transferring");
    expect(transitions).toContainEqual({
      from: "follower.leased",
      event: "after leaderLease",
      guard: null,
      actions: [],
      to: "follower.awaiting",
    });
    expect(mermaid).toStartWith("stateDiagram-v2\n");
  });

  test("is found by the name of a machine, its kind, or its chart", async () => {
    const { ask } = apiOnMap();
    const chartOf = async (name: string) =>
      Value.Decode(ChartAnswer, (await ask("GET", `/v1/inspect/chart?machine=${name}`)).json())
        .chart;
    expect(await chartOf("replicator/2")).toBe("replicator");
    expect(await chartOf("link/3")).toBe("connection");
    expect(await chartOf("metronome")).toBe("metronome");
    const answer = await ask("GET", "/v1/inspect/chart?machine=toString");
    expect(answer.json()).toMatchObject({ status: 404, code: "not_found", outcome: null });
  });
});

describe("/v1/why", () => {
  test("is one sentence with its facts", async () => {
    const { ask } = apiOnMap();
    const json = (await ask("GET", "/v1/why")).json();
    expect(faultsIn(WhyAnswer, json)).toEqual([]);
    expect(json).toMatchObject({
      ok: true,
      summary:
        "all is well: node 2 leads term 3, last heard 20 ms ago; 3 of 3 voters reachable from " +
        "here; writes flow to node 2",
      leader: { id: 2, ok: true, voters: 3, needed: 2, reachable: 3 },
      writes: { code: "flowing", under_way: 0, limit: 8192 },
      last_election: null,
      followers: [],
    });
  });
});
