import { FatalError, StartupError } from "../../../src/errors";
import type { Invariant } from "../invariant";

/** I19: a node runs correctly or stops with a typed reason, and only one that was given cause. */
export const typedEnd: Invariant = {
  name: "I19 typed end",
  watch: ({ mayStop }, violate) => ({
    onEnded(node, end) {
      if (end.kind !== "stopped") return;
      const { reason } = end;
      const isTyped = reason instanceof StartupError || reason instanceof FatalError;
      const isMachine = reason instanceof FatalError && reason.code === "machine_failed";
      if (isTyped && !isMachine && mayStop(node)) return;
      const told = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
      violate(`node ${node.id} stops without cause: ${told}`);
    },
  }),
};
