import { describe, expect, test } from "bun:test";
import { apiOnMap } from "./asking";

describe("health", () => {
  test("of a node that serves", async () => {
    const { ask } = apiOnMap();
    expect((await ask("GET", "/livez")).text).toBe('{"alive":true}');
    expect((await ask("GET", "/readyz")).text).toBe('{"ready":true}');
  });
  test("of a node without a leader: alive, not ready", async () => {
    const { ask, node } = apiOnMap();
    node.notReady = "no leader is known";
    expect((await ask("GET", "/livez")).status).toBe(200);
    expect((await ask("GET", "/readyz")).json()).toEqual({
      type: "urn:balsa:problem:no_leader",
      title: "No leader",
      status: 503,
      detail: "no leader is known",
      code: "no_leader",
      retryable: true,
      outcome: null,
    });
  });
  test("of a node that stops: alive, and nothing else", async () => {
    const { ask, node } = apiOnMap();
    node.stopping = true;
    expect((await ask("GET", "/livez")).status).toBe(200);
    const refusal = {
      type: "urn:balsa:problem:shutting_down",
      title: "Shutting down",
      status: 503,
      detail: "this node is shutting down; ask another",
      code: "shutting_down",
      retryable: true,
    };
    for (const path of ["/readyz", "/get/k", "/get/livez", "/nope/livez", "/cluster/status"]) {
      expect((await ask("GET", path)).json()).toEqual({ ...refusal, outcome: null });
    }
    const set = await ask("POST", "/set", { body: '{"key":"k","value":1}' });
    expect(set.json()).toEqual({ ...refusal, outcome: "not_applied" });
    expect(node.proposed).toEqual([]);
  });
});

describe("metrics", () => {
  test("are Prometheus text: the node's samples, and the requests", async () => {
    const { ask, node } = apiOnMap({ msPerLook: 1 });
    node.samples = [
      {
        name: "balsa_term",
        help: "Current term.\nRaft's clock.",
        type: "gauge",
        samples: [{ labels: {}, value: 3 }],
      },
      {
        name: "balsa_peer_sent_total",
        help: "Messages.",
        type: "counter",
        samples: [
          { labels: { peer: "2", state: 'a"\\\nb' }, value: 5 },
          { labels: { peer: "3", state: "open" }, value: 6 },
        ],
      },
    ];
    await ask("PUT", "/v1/kv/k", { body: "x" });
    await ask("GET", "/get/k");
    await ask("GET", "/get/other");
    await ask("GET", "/get/%ff");
    await ask("GET", "/nope/1");
    await ask("PATCH", "/nope/2");
    const answer = await ask("GET", "/metrics");
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const lines = answer.text.split("\n");
    expect(lines.slice(0, 7)).toEqual([
      "# HELP balsa_term Current term.\\nRaft's clock.",
      "# TYPE balsa_term gauge",
      "balsa_term 3",
      "# HELP balsa_peer_sent_total Messages.",
      "# TYPE balsa_peer_sent_total counter",
      'balsa_peer_sent_total{peer="2",state="a\\"\\\\\\nb"} 5',
      'balsa_peer_sent_total{peer="3",state="open"} 6',
    ]);
    const get = 'method="GET",route="/get/:key"';
    for (const line of [
      "# TYPE balsa_http_requests_total counter",
      'balsa_http_requests_total{method="PUT",route="/v1/kv/:key",status="200"} 1',
      `balsa_http_requests_total{${get},status="200"} 1`,
      `balsa_http_requests_total{${get},status="404"} 1`,
      `balsa_http_requests_total{${get},status="400"} 1`,
      'balsa_http_requests_total{method="GET",route="none",status="404"} 1',
      'balsa_http_requests_total{method="PATCH",route="none",status="404"} 1',
      "# TYPE balsa_http_request_duration_seconds histogram",
      // The clock of these tests ticks once a look.
      `balsa_http_request_duration_seconds_bucket{${get},le="0.0005"} 0`,
      `balsa_http_request_duration_seconds_bucket{${get},le="0.001"} 3`,
      `balsa_http_request_duration_seconds_bucket{${get},le="10"} 3`,
      `balsa_http_request_duration_seconds_bucket{${get},le="+Inf"} 3`,
      `balsa_http_request_duration_seconds_sum{${get}} 0.003`,
      `balsa_http_request_duration_seconds_count{${get}} 3`,
    ]) {
      expect(lines).toContain(line);
    }
    expect(answer.text).toEndWith("\n");
  });
});
