import { afterAll, expect, test } from "bun:test";
import { HttpConnection, NoAnswerError, NotSentError } from "./harness/http-connection";
import { freePort } from "./harness/ports";

let served = 0;
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: {
    "/echo": async (request) => {
      served++;
      return Response.json({ method: request.method, body: await request.text() });
    },
    "/never": () => new Promise<Response>(() => {}),
  },
});
const port = server.port ?? 0;
afterAll(() => server.stop(true));
const timeoutMs = 2_000;

test("requests follow each other on one connection, large bodies included", async () => {
  const connection = new HttpConnection(port);
  for (const body of ["a", "é".repeat(1_000_000)]) {
    const answer = await connection.request("POST", "/echo", { body, timeoutMs });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ method: "POST", body });
  }
  connection.close();
});

test("a refused connection is known to have sent nothing", async () => {
  const connection = new HttpConnection(freePort());
  expect(connection.request("GET", "/echo", { timeoutMs })).rejects.toBeInstanceOf(NotSentError);
});

test("no answer in time is an unknown outcome, and the next request starts anew", async () => {
  const connection = new HttpConnection(port);
  const late = connection.request("GET", "/never", { timeoutMs: 30 });
  expect(late).rejects.toBeInstanceOf(NoAnswerError);
  await late.catch(() => null);
  expect((await connection.request("GET", "/echo", { timeoutMs })).status).toBe(200);
  connection.close();
});

test("a connection that is cut after sending is not silently retried", async () => {
  const cutter = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        served++;
        socket.terminate();
      },
    },
  });
  served = 0;
  const connection = new HttpConnection(cutter.port);
  const lost = connection.request("POST", "/set", { body: "{}", timeoutMs });
  expect(lost).rejects.toBeInstanceOf(NoAnswerError);
  await lost.catch(() => null);
  expect(served).toBe(1);
  cutter.stop(true);
});
