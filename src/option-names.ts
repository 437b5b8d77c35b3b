import { ArgumentError } from "./errors.ts";

/**
 * Refuses an option nobody reads: a misspelt one would be ignored in silence.
 * @throws ArgumentError unless `options` is an object and all its names are known.
 */
export function checkOptionNames(what: string, options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new ArgumentError(`${what}: the options are ${String(options)}, not an object`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new ArgumentError(`${what}: there is no option "${name}"; there are ${known.join(", ")}`);
    }
  }
}
