import { ArgumentError } from "./errors.ts";

/**
 * Refuses an option that does not exist: a misspelt one would be ignored in silence.
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

/** @throws ArgumentError unless `value` is an array (or typed array) of numbers. */
export function checkNumbers(what: string, value: ArrayLike<number>): void {
  const isTyped = ArrayBuffer.isView(value) && typeof (value as ArrayLike<unknown>)[0] === "number";
  if (isTyped || (Array.isArray(value) && value.every((item) => typeof item === "number"))) return;
  throw new ArgumentError(`${what} is ${describe(value)}, not an array of numbers`);
}

/** @throws ArgumentError unless `value` is an array. */
export function checkList(what: string, value: readonly unknown[]): void {
  if (!Array.isArray(value)) throw new ArgumentError(`${what} is ${describe(value)}, not an array`);
}

function describe(value: unknown): string {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return String(value);
  return Array.isArray(value) ? `[${value.map(String).join(",")}]` : `a ${typeof value}`;
}
