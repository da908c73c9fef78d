/** A key's value between what the store holds and what a person edits. */
import type { KeyValue } from "../answers";

/** How the text in the editor is meant. */
export type ValueForm = "text" | "json";

export interface EditableValue {
  readonly form: ValueForm;
  readonly text: string;
}

/** What the editor shows of a value; null for bytes, which are only shown. */
export function editable({ encoding, value }: Pick<KeyValue, "encoding" | "value">) {
  if (encoding === "base64") return null;
  const shown: EditableValue =
    typeof value === "string"
      ? { form: "text", text: value }
      : { form: "json", text: JSON.stringify(value, null, 2) };
  return shown;
}

/** How many bytes a base64 text stands for. */
export function bytesOfBase64(text: string): number {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/** What is wrong with a text as JSON; null where nothing is. */
export function faultInJson(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What to send: a text goes as a JSON string too, so that it comes back as text. */
export const bodyOf = ({ form, text }: EditableValue): string =>
  form === "text" ? JSON.stringify(text) : text;
