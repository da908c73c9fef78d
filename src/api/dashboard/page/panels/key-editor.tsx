/** One key: what it holds, and what it is to hold. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { KeyValue, Problem } from "../answers";
import { bytes, count } from "../view/formats";
import { bodyOf, bytesOfBase64, type EditableValue, editable, faultInJson } from "../view/values";
import { Choice } from "./choice";
import { Confirmation } from "./confirmation";
import type { Edited } from "./keys-panel";
import { Outcome } from "./outcome";
import { usePage } from "./page-context";

const FORMS = [
  { value: "text", title: "Text" },
  { value: "json", title: "JSON" },
] as const;

interface KeyEditorParts {
  readonly edited: Edited;
  /** The store's own: a later one may have changed the key. */
  readonly revision: number;
  /** Null for a new one. */
  readonly onOpen: (key: string | null) => void;
  readonly outcome: Signal<string | Problem | null>;
}

const NOTHING: EditableValue = { form: "text", text: "" };

const sameText = (one: EditableValue, other: EditableValue | null): boolean =>
  one.text === other?.text && one.form === other.form;

/** A new key must not be there yet, another must be as it was read. */
const conditionOf = (base: KeyValue | null): Readonly<Record<string, string>> =>
  base === null ? { "If-None-Match": "*" } : { "If-Match": `"${base.mod_revision}"` };

const pathOf = (key: string): string => `/v1/kv/${encodeURIComponent(key)}`;
const UNANSWERED = "No node answered: the write may or may not have been done. Read the key again.";

export function KeyEditor({ edited, onOpen, outcome, revision }: KeyEditorParts) {
  const { cluster } = usePage();
  const name = useSignal(edited.kind === "key" ? edited.key : "");
  const draft = useSignal<EditableValue>(NOTHING);
  const isDeleting = useSignal(false);
  const held = useKey(edited, revision);
  /** What the draft began as; a set is refused where somebody else was faster. */
  const base = useSignal<KeyValue | null>(null);
  const isNew = edited.kind === "new";
  const take = () => {
    base.value = held;
    draft.value = (held && editable(held)) ?? NOTHING;
  };
  const isOverrun = held !== null && base.value !== null && held !== base.value;
  useEffect(() => {
    const isUntouched = base.value === null || sameText(draft.value, editable(base.value));
    if (held !== null && isUntouched) take();
  }, [held]);
  const fault = draft.value.form === "json" ? faultInJson(draft.value.text) : null;
  const isBytes = held !== null && editable(held) === null;

  const isReady = isNew ? name.value !== "" : base.value !== null;

  const save = async () => {
    const key = name.value;
    const answer = await cluster.write<{ revision: number }>(pathOf(key), {
      method: "PUT",
      headers: { "Content-Type": "application/json", ...conditionOf(base.value) },
      body: bodyOf(draft.value),
    });
    if (answer.kind === "ok") {
      base.value = null;
      if (isNew) onOpen(key);
      outcome.value = `Set at revision ${count(answer.body.revision)}: a majority has it on disk.`;
    } else outcome.value = answer.kind === "problem" ? answer.problem : UNANSWERED;
  };
  const remove = async () => {
    const answer = await cluster.write(pathOf(name.value), { method: "DELETE" });
    if (answer.kind === "ok") {
      onOpen(null);
      outcome.value = `${name.value} is deleted.`;
    } else outcome.value = answer.kind === "problem" ? answer.problem : UNANSWERED;
  };

  return (
    <form
      class="key-editor"
      aria-label={isNew ? "New key" : `Key ${name.value}`}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label class="field">
        <span>Key</span>
        <input
          type="text"
          class="mono"
          value={name.value}
          readOnly={!isNew}
          placeholder="any text"
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value;
          }}
        />
      </label>
      <label class="field key-value">
        <span>Value</span>
        <textarea
          rows={8}
          spellcheck={false}
          readOnly={isBytes}
          aria-invalid={fault !== null}
          value={isBytes ? bytesSay(held) : draft.value.text}
          onInput={({ currentTarget }) => {
            draft.value = { ...draft.value, text: currentTarget.value };
          }}
        />
      </label>
      <div class="key-buttons">
        <Choice
          label="The value is"
          options={FORMS}
          chosen={draft.value.form}
          onChoose={(form) => {
            draft.value = { ...draft.value, form };
          }}
        />
        <span class="key-fault">{draft.value.text === "" ? "" : fault}</span>
        {!isNew && (
          <button
            type="button"
            onClick={() => {
              isDeleting.value = true;
            }}
          >
            Delete
          </button>
        )}
        <button type="submit" class="main" disabled={!isReady || fault !== null || isBytes}>
          Set
        </button>
      </div>
      {isOverrun && !sameText(draft.value, editable(held)) && (
        <p class="notice">
          Somebody has set this key at revision {count(held.mod_revision)}.
          <button type="button" class="quiet" onClick={take}>
            Show theirs
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              base.value = held;
            }}
          >
            Keep mine
          </button>
        </p>
      )}
      {held !== null && <KeyFacts held={held} />}
      <Outcome of={outcome} />
      {isDeleting.value && (
        <Confirmation
          title={`Delete ${name.value}?`}
          says="Its value is gone from every node as soon as a majority has it on disk."
          deed="Delete"
          isGrave
          onConfirm={remove}
          onDone={() => {
            isDeleting.value = false;
          }}
        />
      )}
    </form>
  );
}

const bytesSay = ({ value }: KeyValue): string =>
  `${bytes(bytesOfBase64(String(value)))}, read with Accept: application/octet-stream`;

const KeyFacts = ({ held }: { held: KeyValue }) => (
  <p class="aside">
    Created at revision {count(held.create_revision)}, last set at {count(held.mod_revision)},
    version {count(held.version)}
  </p>
);

/** What the key holds; read again when the store has changed. */
function useKey(edited: Edited, revision: number): KeyValue | null {
  const { cluster } = usePage();
  const held = useSignal<KeyValue | null>(null);
  const key = edited.kind === "key" ? edited.key : null;
  useEffect(() => {
    if (key === null) return;
    void cluster.ask<KeyValue>(pathOf(key)).then((answer) => {
      if (answer.kind !== "ok") return;
      // What is being typed is not overwritten by the very same value read again.
      if (answer.body.mod_revision !== held.peek()?.mod_revision) held.value = answer.body;
    });
  }, [key, revision]);
  return held.value;
}
