/** A node's sentences as the page writes them. */

const AGE = /(\d) (ms|s|min|h|d)\b/g;
const NO_BREAK_SPACE = "\u00a0";

/**
 * A sentence that begins like one and names its node: on the page of another, "this node" would be
 * misunderstood. A number stays with its unit.
 */
export function sentence(says: string, node: number | null): string {
  const named = node === null ? says : says.replaceAll(/\bthis node\b/g, `node ${node}`);
  const whole = named.replaceAll(AGE, `$1${NO_BREAK_SPACE}$2`);
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}

/** Without the ages in it, which change all the time: what is read aloud when the rest changes. */
export const withoutAges = (says: string): string =>
  says.replaceAll(/,? (?:last heard |for |until )?[\d.]+ (?:ms|s|min|h|d)\b(?: ago)?/g, "");
