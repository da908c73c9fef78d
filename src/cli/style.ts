/** Colour, where the terminal has any. */
import { styleText } from "node:util";
import type { Terminal } from "./terminal";

type Format = Parameters<typeof styleText>[0];

/** Says what a text is; on a terminal without colour it stays as it is. */
export type Paint = (format: Format, text: string) => string;

export const paintFor = ({ hasColour }: Terminal): Paint =>
  hasColour
    ? (format, text) => styleText(format, text, { validateStream: false })
    : (_, text) => text;
