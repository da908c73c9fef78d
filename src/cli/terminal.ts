/** Where a command speaks and listens. A port: tests read what was said. */

export interface Terminal {
  /** Whether a person reads standard output: then it is aligned, coloured and cut to the width. */
  readonly isInteractive: boolean;
  readonly hasColour: boolean;
  /** Of a line. Asked anew each time: windows change their size. */
  readonly columns: number;
  readonly rows: number;
  /** To standard output; resolves when more may come. */
  write(said: string | Uint8Array): Promise<void>;
  /** A line to standard error: what is no result. */
  tell(line: string): void;
  /** All of standard input. */
  readInput(): Promise<Uint8Array<ArrayBuffer>>;
}
