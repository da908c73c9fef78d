import { expect, test } from "bun:test";
import type { Transport, TransportHandlers } from "../../src/actors/transport";
import { encodePeerMessage } from "../../src/codec/messages";
import { MessageCounts } from "../../src/observe/message-counts";
import { nodeId } from "../../src/types";
import { helloOf } from "../codec/greeting-fixture";
import { messages as sampleMessages } from "../codec/sample-messages";

test("counts what is taken and what comes, by peer and kind", async () => {
  const messages = sampleMessages.map(encodePeerMessage);
  let isTaking = true;
  let inner: TransportHandlers | null = null;
  const transport: Transport = {
    start: async (handlers) => {
      inner = handlers;
    },
    setPeers: () => {},
    send: () => isTaking,
    disconnect: () => {},
    links: () => [],
    stop: async () => {},
  };
  const counts = new MessageCounts();
  const heard: Uint8Array[] = [];
  const counted = counts.over(transport);
  await counted.start({
    hello: () => helloOf(1),
    judge: () => null,
    onMet: () => {},
    onLost: () => {},
    onRefused: () => {},
    onMessage: (_, message) => heard.push(message),
  });
  for (const message of messages) {
    counted.send(nodeId(2), message);
    (inner as TransportHandlers | null)?.onMessage(helloOf(3), message);
  }
  isTaking = false;
  counted.send(nodeId(2), messages[0] ?? new Uint8Array());
  const bytes = messages.reduce((sum, { length }) => sum + length, 0);
  const kinds = Map.groupBy(sampleMessages, (sample) =>
    sample.kind === "raft" ? sample.message.type : sample.kind,
  );
  const expected = Object.fromEntries([...kinds].map(([kind, some]) => [kind, some.length]));
  expect(counts.sentTo(nodeId(2))).toMatchObject({ ...expected, bytes });
  expect(counts.receivedFrom(nodeId(3))).toEqual(counts.sentTo(nodeId(2)));
  expect(counts.receivedFrom(nodeId(2))).toMatchObject({ AppendEntries: 0, bytes: 0 });
  expect(heard).toEqual(messages);
});
