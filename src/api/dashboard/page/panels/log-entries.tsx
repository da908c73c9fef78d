/** The last entries of one node's committed log, and those before on demand. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { LogItem, LogPage } from "../answers";
import { nowMs } from "../live/clock";
import { ask } from "../live/requests";
import { count, shortened } from "../view/formats";
import { usePage } from "./page-context";
import { useIsSeen } from "./use-is-seen";

const ENTRIES_A_PAGE = 50;
const VALUE_LENGTH = 60;
/** A busy log moves faster than anybody reads; one that is not on the screen may be older. */
const REFRESH_MS = 1_000;
const REFRESH_UNSEEN_MS = 5_000;

export function LogEntries({ id }: { id: number }) {
  const place = useRef<HTMLElement>(null);
  const isSeen = useIsSeen(place);
  /** Null follows the end of the log. */
  const from = useSignal<number | null>(null);
  const firstIndex = useFirstIndex(id);
  const items = useEntries({ id, from: from.value, firstIndex, isSeen }).toReversed();
  const first = items.at(-1)?.index ?? 1;
  return (
    <section class="entries" ref={place} aria-label={`Entries of node ${id}`}>
      <header class="entries-head">
        <h3>Entries of node {id}</h3>
        <span class="panel-tools">
          <button
            type="button"
            disabled={first <= firstIndex}
            onClick={() => {
              from.value = Math.max(firstIndex, first - ENTRIES_A_PAGE);
            }}
          >
            Older
          </button>
          <button
            type="button"
            disabled={from.value === null}
            onClick={() => {
              from.value = null;
            }}
          >
            Newest
          </button>
        </span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: Justification: it scrolls. */}
      <section class="scroll entries-scroll" tabIndex={0} aria-label="Entries, the newest first">
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                Index
              </th>
              <th scope="col" class="number">
                Term
              </th>
              <th scope="col">Command</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <Entry key={item.index} item={item} />
            ))}
          </tbody>
        </table>
      </section>
      {firstIndex > 1 && first === firstIndex && (
        <p class="aside">What was before entry {count(firstIndex)} is in the snapshot.</p>
      )}
    </section>
  );
}

function Entry({ item }: { item: LogItem }) {
  const { command, encoding, index, key, term, value } = item;
  const isOurs = key === null;
  const shown = isOurs ? "" : encoding === "base64" ? "bytes" : JSON.stringify(value);
  return (
    <tr class={isOurs ? "entry-own" : undefined}>
      <td class="number">{count(index)}</td>
      <td class="number">{term}</td>
      <td class="mono">{command}</td>
      <td class="mono entry-value">{shortened(shown, VALUE_LENGTH)}</td>
    </tr>
  );
}

/** The first entry that the node still has. */
function useFirstIndex(id: number): number {
  const { cluster } = usePage();
  return (cluster.feedOf(id)?.live.value?.log.base_index ?? 0) + 1;
}

interface Wanted {
  readonly id: number;
  /** Null is as many of the last as a page has. */
  readonly from: number | null;
  readonly firstIndex: number;
  readonly isSeen: boolean;
}

/** A page of the log; asked for anew while its end is followed. */
function useEntries({ firstIndex, from, id, isSeen }: Wanted): readonly LogItem[] {
  const { cluster } = usePage();
  const items = useSignal<readonly LogItem[]>([]);
  const node = cluster.nodes.value.find((one) => one.id === id);
  const commitIndex = node?.log?.commitIndex ?? 0;
  const origin = cluster.feedOf(id)?.origin ?? null;
  const wanted = Math.max(firstIndex, from ?? commitIndex - ENTRIES_A_PAGE + 1);
  const everyMs = isSeen ? REFRESH_MS : REFRESH_UNSEEN_MS;
  const turn = from === null ? Math.floor(nowMs.value / everyMs) : 0;
  const asked = useRef("");
  useEffect(() => {
    const question = `${origin} ${wanted} ${commitIndex}`;
    if (node?.presence !== "live" || origin === null || asked.current === question) return;
    asked.current = question;
    const path = `/v1/log?from=${wanted}&limit=${ENTRIES_A_PAGE}`;
    void ask<LogPage>(origin, path).then((answer) => {
      // The log may have been cut in the meantime: the next turn knows where it begins now.
      if (answer.kind === "ok" && asked.current === question) items.value = answer.body.items;
    });
  }, [origin, from, turn, node?.presence]);
  return items.value;
}
