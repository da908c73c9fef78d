/** How it stands with the cluster, in the sentence of the node that is asked. */
import { useSignal } from "@preact/signals";
import { sentence, withoutAges } from "../view/sentences";
import { usePage } from "./page-context";

export function WhyLine() {
  const { cluster } = usePage();
  const isOpen = useSignal(false);
  const why = cluster.why.value;
  const node = why?.node ?? null;
  const isWell = why?.ok === true && !cluster.isAlone.value;
  const says = cluster.isAlone.value
    ? "no node answers: the page keeps trying all of them"
    : (why?.summary ?? "asking the cluster how it is");
  return (
    <section class="why" data-ok={why === null ? "unknown" : String(isWell)} aria-label="Why">
      <p class="why-says">
        <span class="why-mark" aria-hidden="true" />
        <span>{sentence(says, node)}</span>
      </p>
      {/* Read aloud when the matter changes, and not whenever a number in it has. */}
      <p class="unseen" role="status">
        {sentence(withoutAges(says), node)}
      </p>
      {why !== null && (
        <details
          open={isOpen.value}
          onToggle={(event) => {
            isOpen.value = event.currentTarget.open;
          }}
        >
          <summary>{isWell ? "The facts" : "Why"}</summary>
          <ul class="facts">
            {why.facts.map(({ about, ok, says }) => (
              <li key={about} data-ok={String(ok)}>
                <span class="fact-about">{about.replace("/", " ")}</span>
                <span>{sentence(says, node)}</span>
              </li>
            ))}
            {why.last_election !== null && (
              <li data-ok="true">
                <span class="fact-about">last election</span>
                <span>{sentence(why.last_election.says, node)}</span>
              </li>
            )}
          </ul>
          <p class="told-by">As node {why.node} tells it.</p>
        </details>
      )}
    </section>
  );
}
