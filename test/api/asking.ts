/** Asks an API in this process, and looks at what every answer must have. */
import { expect } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { createApi } from "../../src/api/app";
import { Problem } from "../../src/api/schemas";
import { stillObservatory } from "../observe/still-situation";
import { MapNode } from "./map-node";

export interface Asked {
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** The body, parsed. */
  readonly json: () => unknown;
}
export type Ask = (method: string, path: string, asked?: Asked) => Promise<Answer>;

/** A node in a map, its API, and how to ask it. Each look at the clock may take its time. */
export function apiOnMap({ msPerLook = 0 } = {}) {
  const node = new MapNode();
  const internalErrors: unknown[] = [];
  const { clock, observatory } = stillObservatory();
  let nowMs = 0;
  const api = createApi(node, {
    apiAddresses: ["own.example:8080"],
    onInternalError: (error) => internalErrors.push(error),
    nowMs: () => {
      nowMs += msPerLook;
      return nowMs;
    },
    observatory,
  });
  const ask: Ask = async (method, path, asked = {}) => {
    const request = new Request(`http://localhost${path}`, { method, ...asked });
    const response = await api.handle(request);
    const { status, headers } = response;
    const bytes = await response.bytes();
    const text = new TextDecoder().decode(bytes);
    const answer = { status, headers, bytes, text, json: () => JSON.parse(text) };
    expectWhole(answer, method);
    return answer;
  };
  const elapse = (ms: number) => {
    nowMs += ms;
  };
  return { node, api, ask, clock, elapse, internalErrors, observatory };
}

/** Of each answer: who gave it; of each refusal: a problem that is one. */
function expectWhole(answer: Answer, method: string): void {
  expect(answer.headers.get("x-balsa-node")).toBe("1");
  expect(answer.headers.get("x-balsa-revision")).toMatch(/^[0-9]+$/);
  if (answer.status < 400 || method === "HEAD") return;
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const problem = answer.json();
  expect([...Value.Errors(Problem, problem)].map(({ path, message }) => path + message)).toEqual(
    [],
  );
  expect(problem).toMatchObject({ status: answer.status });
}

/** What an `invalid_request` looks like, whole. */
export const invalidRequest = (detail: unknown, outcome: string | null = "not_applied") => ({
  type: "urn:balsa:problem:invalid_request",
  title: "The request is not understood",
  status: 400,
  detail,
  code: "invalid_request",
  retryable: false,
  outcome,
});
