import type { TransportHandlers } from "../../../src/actors/transport";
import type { Hello } from "../../../src/messages";
import { diskId } from "../../../src/types";
import type { Mutant } from "./mutant";

export const wipedDisk: Mutant = {
  id: "M39",
  bug: "A node on a wiped disk votes under its old name, its votes and entries forgotten.",
  source: "databendlabs/openraft#2002, restatedev/restate#2415",
  caughtBy: ["I6", "I2", "I11", "I16 trusted disks", "I18"],
  // Every disk passes for the first one of its node.
  ports: (ran) => {
    const original = (hello: Hello): Hello => {
      ran();
      return { ...hello, diskId: diskId(`disk-${hello.nodeId}-1`) };
    };
    return {
      wrapTransport: (transport) => ({
        ...transport,
        start: (handlers) => transport.start(seeing(handlers, original)),
      }),
    };
  },
  // A write is on two of three; one of them is wiped, the other dies.
  script: {
    seedsMax: 5,
    play({ kit, run }) {
      const leader = kit.leader();
      kit.run(1000);
      const [victim, absent] = kit.others(leader);
      if (victim === undefined || absent === undefined) throw new Error("three nodes");
      kit.isolate(absent);
      kit.set("key", "kept").wait();
      run.allowForgetting(victim, "anything");
      kit.wipe(victim);
      kit.losePower(leader);
      kit.heal();
      kit.boot(victim);
      kit.run(3000);
    },
  },
};

const seeing = (
  handlers: TransportHandlers,
  original: (hello: Hello) => Hello,
): TransportHandlers => ({
  ...handlers,
  judge: (hello) => handlers.judge(original(hello)),
  onMet: (hello) => handlers.onMet(original(hello)),
  onMessage: (from, message) => handlers.onMessage(original(from), message),
});
