/** One key: what it holds, and what it is to hold. */
import { type Signal, useSignal } from "@preact/signals";
import type { KeyValue, Problem } from "../answers";
import { bytes, count } from "../view/formats";
import { bytesOfBase64, faultInJson } from "../view/values";
import { Choice } from "./choice";
import { Confirmation } from "./confirmation";
import { Outcome } from "./outcome";
import { type KeyDraft, useKeyDraft } from "./use-key-draft";

const FORMS = [
  { value: "text", title: "Text" },
  { value: "json", title: "JSON" },
] as const;

interface KeyEditorParts {
  /** Null for a new one. */
  readonly edited: string | null;
  /** The store's own: a later one may have changed the key. */
  readonly revision: number;
  readonly onOpen: (key: string | null) => void;
  readonly outcome: Signal<string | Problem | null>;
}

export function KeyEditor({ edited, onOpen, outcome, revision }: KeyEditorParts) {
  const draft = useKeyDraft(edited, revision, outcome);
  const isDeleting = useSignal(false);
  const { held, name } = draft;
  const save = async () => {
    const said = await draft.save();
    if (said === null) return;
    if (edited === null) onOpen(name.value);
    outcome.value = said;
  };
  const remove = async () => {
    const said = await draft.remove();
    if (said === null) return;
    onOpen(null);
    outcome.value = said;
  };
  return (
    <form
      class="key-editor"
      aria-label={edited === null ? "New key" : `Key ${edited}`}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <NameField name={name} isNew={edited === null} />
      <ValueField draft={draft} />
      <KeyButtons
        draft={draft}
        isNew={edited === null}
        onDelete={() => {
          isDeleting.value = true;
        }}
      />
      {draft.isOverrun && <Overrun draft={draft} />}
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

const NameField = ({ isNew, name }: { name: Signal<string>; isNew: boolean }) => (
  <label class="field">
    <span class="field-name">Key</span>
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
);

const isBytes = (held: KeyValue | null): held is KeyValue => held?.encoding === "base64";

function ValueField({ draft: { held, value } }: { draft: KeyDraft }) {
  return (
    <label class="field key-value">
      <span class="field-name">Value</span>
      <textarea
        rows={8}
        spellcheck={false}
        readOnly={isBytes(held)}
        aria-invalid={faultOf(value.value) !== null}
        value={isBytes(held) ? bytesSay(held) : value.value.text}
        onInput={({ currentTarget }) => {
          value.value = { ...value.value, text: currentTarget.value };
        }}
      />
    </label>
  );
}

const bytesSay = ({ value }: KeyValue): string =>
  `${bytes(bytesOfBase64(String(value)))}, read with Accept: application/octet-stream`;

const faultOf = ({ form, text }: KeyDraft["value"]["value"]): string | null =>
  form === "json" ? faultInJson(text) : null;

interface KeyButtonsParts {
  readonly draft: KeyDraft;
  readonly isNew: boolean;
  readonly onDelete: () => void;
}

function KeyButtons({ draft: { held, isReady, value }, isNew, onDelete }: KeyButtonsParts) {
  const fault = faultOf(value.value);
  return (
    <div class="key-buttons">
      <Choice
        label="The value is"
        options={FORMS}
        chosen={value.value.form}
        onChoose={(form) => {
          value.value = { ...value.value, form };
        }}
      />
      <span class="key-fault">{value.value.text === "" ? "" : fault}</span>
      {!isNew && (
        <button type="button" onClick={onDelete}>
          Delete
        </button>
      )}
      <button type="submit" class="main" disabled={!isReady || fault !== null || isBytes(held)}>
        Set
      </button>
    </div>
  );
}

const Overrun = ({ draft: { held, keep, take } }: { draft: KeyDraft }) => (
  <p class="notice">
    Somebody has set this key at revision {count(held?.mod_revision ?? null)}.
    <button type="button" class="quiet" onClick={take}>
      Show theirs
    </button>
    <button type="button" class="quiet" onClick={keep}>
      Keep mine
    </button>
  </p>
);

const KeyFacts = ({ held }: { held: KeyValue }) => (
  <p class="aside">
    Created at revision {count(held.create_revision)}, last set at {count(held.mod_revision)},
    version {count(held.version)}
  </p>
);
