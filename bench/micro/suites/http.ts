/** The HTTP routes in front of a node that answers at once. */
import { createApi } from "../../../src/api/app";
import { keep, type MicroBenchmark } from "../micro-benchmark";
import { keyAt, setCommand } from "../sample-data";
import { nodeThatAnswers } from "../still-node";
import { stillObservatory } from "../still-observatory";

const REQUESTS = 200;
const requests = Array.from({ length: REQUESTS }, (_, at) => at);

const api = createApi(nodeThatAnswers, {
  apiAddresses: ["localhost"],
  onInternalError: (error) => {
    throw error;
  },
  nowMs: () => performance.now(),
  observatory: stillObservatory,
});

const asked = (name: string, request: (at: number) => Request): MicroBenchmark => ({
  name,
  operations: REQUESTS,
  isAsync: true,
  prepare() {
    const waiting = requests.map(request);
    return async () => {
      for (const each of waiting) {
        const response = await api.fetch(each);
        if (response.status !== 200) throw new Error(await response.text());
        keep(response);
      }
    };
  },
});

const bodyAt = (at: number) => {
  const command = setCommand(at);
  const text = command.op === "set" && command.value.kind === "text" ? command.value.text : "";
  return JSON.stringify({ key: command.key, value: text });
};

export default [
  asked(
    "http: POST /set",
    (at) => new Request("http://localhost/set", { method: "POST", body: bodyAt(at) }),
  ),
  asked("http: GET /get/{key}", (at) => new Request(`http://localhost/get/${keyAt(at)}`)),
];
