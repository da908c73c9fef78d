/** What became of something asked for, until the visitor has read it. */
import type { Signal } from "@preact/signals";
import type { Problem } from "../answers";

/** In the words of the visitor who wonders whether it was done. */
const OUTCOMES: Readonly<Record<string, string>> = {
  applied: "It was done.",
  not_applied: "Nothing was changed.",
  unknown: "It may or may not have been done.",
};

export function Outcome({ of: outcome }: { of: Signal<string | Problem | null> }) {
  const said = outcome.value;
  if (said === null) return null;
  const isProblem = typeof said !== "string";
  return (
    <p class="outcome" data-ok={String(!isProblem)} role={isProblem ? "alert" : "status"}>
      <span>
        {isProblem ? `${said.title}: ${said.detail}. ${OUTCOMES[said.outcome ?? ""] ?? ""}` : said}
      </span>
      <button
        type="button"
        class="quiet"
        aria-label="Dismiss"
        onClick={() => (outcome.value = null)}
      >
        ×
      </button>
    </p>
  );
}
