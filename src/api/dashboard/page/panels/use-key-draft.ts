/** A key as it is being edited: what it was read as, what is typed, and how it is sent. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { KeyPage, KeyValue, Problem } from "../answers";
import type { Answered } from "../live/requests";
import { count } from "../view/formats";
import { bodyOf, type EditableValue, editable } from "../view/values";
import { usePage } from "./page-context";

export interface KeyDraft {
  readonly name: Signal<string>;
  readonly value: Signal<EditableValue>;
  /** What the key holds now; null for one that is not there, or not read yet. */
  readonly held: KeyValue | null;
  /** Somebody else has set it to something else since it was read. */
  readonly isOverrun: boolean;
  /** It can be sent. */
  readonly isReady: boolean;
  /** Takes what the key holds now, and forgets what was typed. */
  readonly take: () => void;
  /** Goes on with what was typed, over what the key holds now. */
  readonly keep: () => void;
  /** Sets or deletes it; answers what became of that, null where it was refused or is unknown. */
  readonly save: () => Promise<string | null>;
  readonly remove: () => Promise<string | null>;
}

const NOTHING: EditableValue = { form: "text", text: "" };
const UNANSWERED = "No node answered: the write may or may not have been done. Read the key again.";

const pathOf = (key: string): string => `/v1/kv/${encodeURIComponent(key)}`;

const same = (one: EditableValue, other: EditableValue | null): boolean =>
  one.text === other?.text && one.form === other.form;

/** A new key must not be there yet, another must be as it was read. */
const conditionOf = (base: KeyValue | null): Readonly<Record<string, string>> =>
  base === null ? { "If-None-Match": "*" } : { "If-Match": `"${base.mod_revision}"` };

/** `key` is null for a new one; a later `revision` of the store may have changed it. */
export function useKeyDraft(
  key: string | null,
  revision: number,
  outcome: Signal<string | Problem | null>,
): KeyDraft {
  const { cluster } = usePage();
  const name = useSignal(key ?? "");
  const value = useSignal<EditableValue>(NOTHING);
  /** What the draft began as; a set is refused where somebody else was faster. */
  const base = useSignal<KeyValue | null>(null);
  const held = useKey(key, revision);
  const take = () => {
    base.value = held;
    value.value = (held && editable(held)) ?? NOTHING;
  };
  useEffect(() => {
    const isUntouched = base.value === null || same(value.value, editable(base.value));
    if (held !== null && isUntouched) take();
  }, [held]);
  /** Tells a refusal; answers what there is to tell of a success. */
  const told = <Body>(answer: Answered<Body>, tell: (body: Body) => string): string | null => {
    if (answer.kind === "ok") return tell(answer.body);
    outcome.value = answer.kind === "problem" ? answer.problem : UNANSWERED;
    return null;
  };
  return {
    name,
    value,
    held,
    isOverrun:
      held !== null &&
      base.value !== null &&
      held !== base.value &&
      !same(value.value, editable(held)),
    isReady: key === null ? name.value !== "" : base.value !== null,
    take,
    keep: () => {
      base.value = held;
    },
    save: async () => {
      const answer = await cluster.write<{ revision: number }>(pathOf(name.value), {
        method: "PUT",
        headers: { "Content-Type": "application/json", ...conditionOf(base.value) },
        body: bodyOf(value.value),
      });
      if (answer.kind === "ok") base.value = null;
      const onDisk = "a majority has it on disk";
      return told(answer, (set) => `Set at revision ${count(set.revision)}: ${onDisk}.`);
    },
    remove: async () => {
      const answer = await cluster.write(pathOf(name.value), { method: "DELETE" });
      return told(answer, () => `${name.value} is deleted.`);
    },
  };
}

/** What the key holds; read again when the store has changed. */
function useKey(key: string | null, revision: number): KeyValue | null {
  const { cluster } = usePage();
  const held = useSignal<KeyValue | null>(null);
  useEffect(() => {
    if (key === null) return;
    // A list of one: a key that has just gone is an empty list, and no failure in the console.
    const path = `/v1/kv?prefix=${encodeURIComponent(key)}&limit=1`;
    void cluster.ask<KeyPage>(path).then((answer) => {
      const [found] = answer.kind === "ok" ? answer.body.items : [];
      if (found?.key !== key) return;
      // What is being typed is not overwritten by the very same value read again.
      if (found.mod_revision === held.peek()?.mod_revision) return;
      held.value = { ...found, value: found.value };
    });
  }, [key, revision]);
  return held.value;
}
