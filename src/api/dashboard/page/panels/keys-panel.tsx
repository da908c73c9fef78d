/** The keys of the cluster: found by prefix, read, set and deleted. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { KeyPage, Problem } from "../answers";
import { nowMs } from "../live/clock";
import { count } from "../view/formats";
import { KeyEditor } from "./key-editor";
import { usePage } from "./page-context";
import { Panel } from "./panel";
import { useIsSeen } from "./use-is-seen";

const KEYS_A_PAGE = 100;
const REFRESH_MS = 1_000;
/** While it is not on the screen. */
const REFRESH_UNSEEN_MS = 5_000;

export function KeysPanel() {
  const { cluster } = usePage();
  const place = useRef<HTMLDivElement>(null);
  const prefix = useSignal("");
  const pages = useSignal(1);
  /** The key in the editor; null is one to be made. */
  const edited = useSignal<string | null>(null);
  const revision = Math.max(
    0,
    ...cluster.feeds.value.map(({ live }) => live.value?.store.revision ?? 0),
  );
  const keys = Math.max(0, ...cluster.feeds.value.map(({ live }) => live.value?.store.keys ?? 0));
  const found = useKeys({
    prefix: prefix.value,
    limit: KEYS_A_PAGE * pages.value,
    revision,
    isSeen: useIsSeen(place),
  });
  /** It outlives the editor of a new key, which becomes that of the key. */
  const outcome = useSignal<string | Problem | null>(null);
  const open = (key: string | null) => {
    edited.value = key;
    outcome.value = null;
  };
  return (
    <Panel id="keys" title="Keys" note={`${count(keys)} keys at revision ${count(revision)}`}>
      <div class="keys" ref={place}>
        <div class="key-side">
          <KeyFind
            prefix={prefix.value}
            onFind={(wanted) => {
              prefix.value = wanted;
              pages.value = 1;
            }}
            onNew={() => open(null)}
          />
          <KeyList page={found} edited={edited.value} onOpen={open} />
          {found !== null && found.next_cursor !== null && (
            <button
              type="button"
              class="quiet"
              onClick={() => {
                pages.value += 1;
              }}
            >
              More keys
            </button>
          )}
        </div>
        <KeyEditor
          key={edited.value === null ? "new" : `key ${edited.value}`}
          edited={edited.value}
          revision={revision}
          onOpen={open}
          outcome={outcome}
        />
      </div>
    </Panel>
  );
}

interface KeyFindParts {
  readonly prefix: string;
  readonly onFind: (prefix: string) => void;
  readonly onNew: () => void;
}

const KeyFind = ({ onFind, onNew, prefix }: KeyFindParts) => (
  <div class="key-find">
    <label>
      <span class="unseen">Prefix</span>
      <input
        type="search"
        placeholder="Keys that begin with…"
        value={prefix}
        onInput={({ currentTarget }) => onFind(currentTarget.value)}
      />
    </label>
    <button type="button" onClick={onNew}>
      New key
    </button>
  </div>
);

interface KeyListParts {
  readonly page: KeyPage | null;
  readonly edited: string | null;
  readonly onOpen: (key: string) => void;
}

function KeyList({ edited, onOpen, page }: KeyListParts) {
  if (page === null) return <p class="empty">Reading…</p>;
  if (page.items.length === 0) return <p class="empty">There is no such key.</p>;
  return (
    <ul class="key-list scroll" aria-label="Keys">
      {page.items.map(({ key, mod_revision: revision, version }) => (
        <li key={key}>
          <button type="button" aria-pressed={edited === key} onClick={() => onOpen(key)}>
            <span class="mono">{key}</span>
            <span class="key-facts" title={`set ${version} times, last at revision ${revision}`}>
              v{version}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

interface Wanted {
  readonly prefix: string;
  readonly limit: number;
  /** A later one brings other keys. */
  readonly revision: number;
  readonly isSeen: boolean;
}

/** The keys wanted, asked for again when the store has changed. */
function useKeys({ isSeen, limit, prefix, revision }: Wanted): KeyPage | null {
  const { cluster } = usePage();
  const page = useSignal<KeyPage | null>(null);
  const turn = Math.floor(nowMs.value / (isSeen ? REFRESH_MS : REFRESH_UNSEEN_MS));
  const asked = useRef("");
  useEffect(() => {
    const question = `${revision} ${limit} ${prefix}`;
    if (asked.current === question) return;
    asked.current = question;
    const path = `/v1/kv?prefix=${encodeURIComponent(prefix)}&limit=${limit}&keys_only=true`;
    void cluster.ask<KeyPage>(path).then((answer) => {
      if (asked.current !== question) return;
      if (answer.kind === "ok") page.value = answer.body;
      else asked.current = "";
    });
  }, [limit, prefix, turn]);
  return page.value;
}
