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
  const page = useEntries(id, from.value, isSeen);
  const items = page?.items.toReversed() ?? [];
  const first = items.at(-1)?.index ?? 1;
  const last = items[0]?.index ?? 0;
  return (
    <section class="entries" ref={place} aria-label={`Entries of node ${id}`}>
      <header class="entries-head">
        <h3>Entries of node {id}</h3>
        <span class="panel-tools">
          <button
            type="button"
            disabled={first <= 1}
            onClick={() => {
              from.value = Math.max(1, first - ENTRIES_A_PAGE);
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
      {page?.gone !== undefined && <p class="aside">{page.gone}</p>}
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
      <p class="unseen">
        Entries {first} to {last}
      </p>
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

interface Entries {
  readonly items: readonly LogItem[];
  /** Why there are none before these. */
  readonly gone?: string;
}

/** A page of the log; asked for anew while its end is followed. */
function useEntries(id: number, from: number | null, isSeen: boolean): Entries | null {
  const { cluster } = usePage();
  const entries = useSignal<Entries | null>(null);
  const commitIndex = cluster.nodes.value.find((node) => node.id === id)?.log?.commitIndex ?? 0;
  const origin = cluster.feedOf(id)?.origin ?? cluster.spokesman.value;
  const wanted = from ?? Math.max(1, commitIndex - ENTRIES_A_PAGE + 1);
  const everyMs = isSeen ? REFRESH_MS : REFRESH_UNSEEN_MS;
  const turn = from === null ? Math.floor(nowMs.value / everyMs) : 0;
  const asked = useRef("");
  useEffect(() => {
    const question = `${origin} ${wanted} ${commitIndex}`;
    if (asked.current === question) return;
    asked.current = question;
    void askFor(origin, wanted).then((found) => {
      if (found !== null && asked.current === question) entries.value = found;
    });
  }, [origin, from, turn]);
  return entries.value;
}

async function askFor(origin: string, from: number): Promise<Entries | null> {
  const path = `/v1/log?from=${from}&limit=${ENTRIES_A_PAGE}`;
  const answer = await ask<LogPage>(origin, path);
  if (answer.kind === "ok") return answer.body;
  if (answer.kind !== "problem" || answer.problem.code !== "compacted") return null;
  // What is left after a compaction begins further on; without a `from` the node begins there.
  const rest = await ask<LogPage>(origin, `/v1/log?limit=${ENTRIES_A_PAGE}`);
  return rest.kind === "ok" ? { items: rest.body.items, gone: answer.problem.detail } : null;
}
