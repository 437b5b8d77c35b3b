/** Writes a command's results to stdout: lines for people, or one JSON object a line for programs. */
export class Results {
  readonly #json: boolean;
  readonly #write: (line: string) => void;

  /** `write` puts one whole line on stdout. */
  constructor(json: boolean, write: (line: string) => void) {
    this.#json = json;
    this.#write = write;
  }

  /** Lines that people read; programs get the same from records. */
  text(...lines: string[]): void {
    if (!this.#json) for (const line of lines) this.#write(line);
  }

  /** An object that programs read. */
  record(type: string, values: Readonly<Record<string, unknown>>): void {
    if (this.#json) this.#write(JSON.stringify({ type, ...values }));
  }
}
