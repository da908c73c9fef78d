/** Asks once more before something is done; Escape is no. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

interface ConfirmationParts {
  readonly title: string;
  /** What it will do. */
  readonly says: string;
  /** On the button that does it. */
  readonly deed: string;
  readonly isGrave?: boolean;
  readonly choices?: {
    readonly label: string;
    readonly options: readonly { readonly value: string; readonly title: string }[];
  };
  readonly onConfirm: (choice: string) => Promise<void>;
  /** It is over, whichever way. */
  readonly onDone: () => void;
}

export function Confirmation(parts: ConfirmationParts) {
  const { choices, deed, isGrave = false, onConfirm, onDone, says, title } = parts;
  const dialog = useRef<HTMLDialogElement>(null);
  const choice = useSignal("");
  const isBusy = useSignal(false);
  useEffect(() => dialog.current?.showModal(), []);
  const confirm = async () => {
    isBusy.value = true;
    await onConfirm(choice.value);
    onDone();
  };
  return (
    <dialog ref={dialog} aria-labelledby="confirmation-title" onClose={onDone}>
      <h3 id="confirmation-title">{title}</h3>
      <p>{says}</p>
      {choices !== undefined && (
        <label class="field">
          <span class="field-name">{choices.label}</span>
          <select onChange={(event) => (choice.value = event.currentTarget.value)}>
            {choices.options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.title}
              </option>
            ))}
          </select>
        </label>
      )}
      <div class="dialog-buttons">
        <button type="button" onClick={onDone}>
          Cancel
        </button>
        <button
          type="button"
          class={isGrave ? "grave" : "main"}
          disabled={isBusy.value}
          onClick={confirm}
        >
          {isBusy.value ? "Under way…" : deed}
        </button>
      </div>
    </dialog>
  );
}
