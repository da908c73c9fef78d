/** What only a real socket shows. */
import { afterEach, describe, expect, test } from "bun:test";
import { connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { type ApiServer, listenApi } from "../../src/api/listen";
import { StartupError } from "../../src/errors";
import { apiOnMap } from "./asking";

const servers: ApiServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(0)));
});

function serve(host = "127.0.0.1") {
  const made = apiOnMap();
  const server = listenApi(made.api, { host, port: 0 });
  servers.push(server);
  return { ...made, server, url: `http://${server.address}` };
}

/** Sends raw bytes, closes, and waits for all that comes back. */
function sendAndClose(address: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(`http://${address}`);
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
    });
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });
}
const post = (headers: string, body: string) =>
  `POST /set HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n${body}`;
const BODY = '{"key":"k","value":"whole"}';

describe("a stream of events", () => {
  test("reaches its client, is let go with it, and never holds up the end", async () => {
    const { clock, observatory, server, url } = serve();
    const headers = { accept: "text/event-stream" };
    const going = new AbortController();
    const gone = await fetch(`${url}/v1/inspect/live`, { headers, signal: going.signal });
    const reader = gone.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toStartWith("event: live\n");
    expect(clock.pending).toBe(2);
    going.abort();
    while (clock.pending > 0) await Bun.sleep(1);
    const staying = await fetch(`${url}/v1/inspect/transitions`, { headers });
    observatory.end("stopped", "good night");
    await server.stop(60_000);
    expect(await staying.text()).toContain('event: end\ndata: {"code":"shutting_down"');
  });
});

describe("a served API", () => {
  const addresses = Object.values(networkInterfaces()).flatMap((them) => them ?? []);
  const hasIpv6 = addresses.some(({ address }) => address === "::1");

  test("answers as in process, on IPv4 and, where the machine has it, IPv6", async () => {
    for (const host of hasIpv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"]) {
      const { url } = serve(host);
      const set = await fetch(`${url}/set`, { method: "POST", body: BODY });
      expect(await set.text()).toBe('{"key":"k","revision":1,"term":3,"index":1}');
      const get = await fetch(`${url}/get/${encodeURIComponent("k")}`);
      expect(await get.json()).toMatchObject({ value: "whole" });
      const head = await fetch(`${url}/v1/kv/k`, { method: "HEAD" });
      expect([head.status, head.headers.get("etag"), await head.text()]).toEqual([200, '"1"', ""]);
    }
  });

  test("keeps keys apart that a lenient decoder would mix up", async () => {
    const { server, node } = serve();
    const get = (path: string) =>
      sendAndClose(server.address, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    for (const path of ["/get/%ff", "/get/%zz", "/get/%c0%af"]) {
      expect(await get(path)).toStartWith("HTTP/1.1 400");
    }
    expect(await get("/get/a%2Fb")).toStartWith("HTTP/1.1 404");
    expect(await get("/get/a%2Fb")).toContain('"code":"key_not_found"');
    expect(node.reads).toHaveLength(2);
  });

  test("changes nothing for a body that is cut short", async () => {
    const { server, node, ask, internalErrors } = serve();
    const whole = post(`Content-Length: ${BODY.length}`, BODY);
    for (let length = whole.indexOf("{"); length < whole.length; length++) {
      await sendAndClose(server.address, whole.slice(0, length));
    }
    const chunk = `${BODY.length.toString(16)}\r\n${BODY}\r\n`;
    await sendAndClose(server.address, post("Transfer-Encoding: chunked", chunk));
    const put = `PUT /v1/kv/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf`;
    await sendAndClose(server.address, put);
    expect(node.proposed).toEqual([]);
    expect(internalErrors).toEqual([]);
    expect(await sendAndClose(server.address, whole)).toStartWith("HTTP/1.1 200");
    expect(node.proposed).toHaveLength(1);
    expect((await ask("GET", "/livez")).status).toBe(200);
  });

  test("forgets a write whose client hangs up while it waits for room", async () => {
    const { node, server, url } = serve();
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const { promise: room, resolve: makeRoom } = Promise.withResolvers<void>();
    node.hasRoom = false;
    node.room = () => {
      onAsked();
      return room;
    };
    const { hostname, port } = new URL(url);
    const client = connect(Number(port), hostname, () =>
      client.write(post(`Content-Length: ${BODY.length}`, BODY)),
    );
    await asked;
    const gone = new Promise((resolve) => client.on("close", resolve));
    client.destroy();
    await gone;
    // Whatever was on its way to the server has arrived before the second of these.
    for (let round = 0; round < 2; round += 1) await (await fetch(`${url}/livez`)).text();
    makeRoom();
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('{method="POST",route="/set",status="400"} 1\n');
    expect(node.proposed).toEqual([]);
    await server.stop(0);
  });

  test("refuses a body beyond 8 MiB, bare, with or without its length", async () => {
    const { url, node } = serve();
    const big = new Uint8Array(8 * 1024 * 1024 + 1);
    const put = (body: Uint8Array<ArrayBuffer> | ReadableStream) =>
      fetch(`${url}/v1/kv/k`, { method: "PUT", body });
    const known = await put(big);
    expect([known.status, await known.text()]).toEqual([413, ""]);
    const streamed = await put(new Blob([big]).stream());
    expect([streamed.status, await streamed.text()]).toEqual([413, ""]);
    const atLimit = await put(big.subarray(1));
    expect(await atLimit.json()).toMatchObject({ code: "too_large", actual: 8 * 1024 * 1024 });
    expect(node.proposed).toEqual([]);
  });

  test("survives broken HTTP", async () => {
    const { server, url, internalErrors } = serve();
    const broken = [
      "\r\n\r\n",
      "GET\r\n\r\n",
      "GET /get/k HTTP/1.1\r\n\r\n",
      "GET /get/k HTTP/9.9\r\nHost: localhost\r\n\r\n",
      post("Content-Length: -1", BODY),
      post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
      post("Transfer-Encoding: chunked", "zz\r\n"),
      String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte)),
    ];
    for (const bytes of broken) await sendAndClose(server.address, bytes);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect(internalErrors).toEqual([]);
  });

  test("takes the Host from the header", async () => {
    const { server } = serve();
    const get = (target: string, host: string) =>
      sendAndClose(server.address, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(await get("/livez", "evil.example")).toStartWith("HTTP/1.1 403");
    expect(await get("http://localhost/livez", "evil.example")).toStartWith("HTTP/1.1 403");
    expect(await get("/livez", "kv.example:1")).toStartWith("HTTP/1.1 200");
    const old = await sendAndClose(server.address, "GET /livez HTTP/1.0\r\n\r\n");
    expect(old).toStartWith("HTTP/1.1 200");
  });

  test("lets a request under way finish when it stops", async () => {
    const { url, server, node } = serve();
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const apply = node.propose.bind(node);
    node.propose = async (command, timeoutMs) => {
      onAsked();
      await released;
      return apply(command, timeoutMs);
    };
    const answer = fetch(`${url}/set`, { method: "POST", body: BODY });
    await asked;
    const stopped = server.stop(60_000);
    release();
    expect((await answer).status).toBe(200);
    await stopped;
    expect(fetch(`${url}/livez`)).rejects.toThrow();
  });
});

describe("an address that cannot be had", () => {
  function refusal(run: () => unknown): StartupError {
    try {
      run();
    } catch (error) {
      if (error instanceof StartupError) return error;
      throw error;
    }
    throw new Error("it was had after all");
  }
  test("because a node listens there", () => {
    const { server, api } = serve();
    const port = Number(server.address.split(":")[1]);
    const { code, message } = refusal(() => listenApi(api, { host: "127.0.0.1", port }));
    expect(code).toBe("port_in_use");
    const mend = "stop what listens there or choose another --api";
    expect(message).toBe(`the API address 127.0.0.1:${port} is in use; ${mend}`);
  });
  test("because another program does", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const { api } = apiOnMap();
    expect(refusal(() => listenApi(api, { host: "127.0.0.1", port })).code).toBe("port_in_use");
    other.close();
  });
  test("because it is not of this machine", () => {
    const { api } = apiOnMap();
    const { code, message } = refusal(() => listenApi(api, { host: "192.0.2.1", port: 8080 }));
    expect(code).toBe("bad_flag");
    expect(message).toContain("--api 192.0.2.1:8080");
  });
});
