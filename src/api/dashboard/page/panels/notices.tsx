/** What the visitor must know about the page itself: who is asked when its own node is gone. */
import { usePage } from "./page-context";

export function Notices() {
  const { cluster } = usePage();
  const { homeId, isAlone, spokesmanId, strangers } = cluster;
  const home = homeId.value;
  const speaks = spokesmanId.value;
  const isElsewhere = home !== null && speaks !== null && speaks !== home;
  const joined = strangers.value.map(({ id }) => id);
  return (
    <div class="notices" role="status" aria-live="assertive">
      {isElsewhere && !isAlone.value && (
        <p class="notice" data-notice="elsewhere">
          <strong>Node {home}, which served this page, does not answer.</strong> The page goes on
          through node {speaks}.
        </p>
      )}
      {isAlone.value && (
        <p class="notice" data-notice="alone">
          <strong>No node answers.</strong> What is shown is what was known last.
        </p>
      )}
      {joined.length > 0 && (
        <p class="notice" data-notice="joined">
          Node {joined.join(", ")} became known after this page was loaded.{" "}
          <button type="button" class="quiet" onClick={() => location.reload()}>
            Reload to hear it directly
          </button>
        </p>
      )}
    </div>
  );
}
