import { ArgumentError } from "./errors.ts";

/** The values that an argument, an option or a flag may have. */
export interface ValueKind<T> {
  /** The values in words, to follow "it must be": "an integer from 1 to 512". */
  readonly rule: string;
  /** True if a value is one of them. */
  includes(value: unknown): value is T;
  /** The value that a text means on a command line or in a file; undefined if the text means none. */
  parse(text: string): T | undefined;
}

const POWERS: Readonly<Record<number, string>> = {
  0xffff_ffff: "2^32-1",
  [Number.MAX_SAFE_INTEGER]: `2^53-1 (${Number.MAX_SAFE_INTEGER})`,
};

/** The integers from `least` on, or from `least` to `most`. As texts they are decimal digits, without a sign. */
export function integer(least: number, most?: number): ValueKind<number> {
  const rule = most === undefined ? `an integer ≥ ${least}` : `an integer from ${least} to ${POWERS[most] ?? most}`;
  const isInRange = (value: number): boolean =>
    Number.isSafeInteger(value) && value >= least && (most === undefined || value <= most);
  return numbers(rule, /^\d{1,16}$/, isInRange);
}

/** The multiples of `factor` from `least` to `most`. */
export function multipleOf(factor: number, least: number, most: number): ValueKind<number> {
  const integers = integer(least, most);
  const isMultiple = (value: number): boolean => integers.includes(value) && value % factor === 0;
  return numbers(`a multiple of ${factor} from ${least} to ${most}`, /^\d{1,16}$/, isMultiple);
}

/** The finite numbers for which `holds` is true; `rule` says so in words. */
export function number(rule: string, holds: (value: number) => boolean): ValueKind<number> {
  return numbers(rule, /^[\d.eE+-]+$/, (value) => Number.isFinite(value) && holds(value));
}

function numbers(rule: string, form: RegExp, isInRange: (value: number) => boolean): ValueKind<number> {
  const includes = (value: unknown): value is number => typeof value === "number" && isInRange(value);
  const parse = (text: string): number | undefined =>
    form.test(text) && includes(Number(text)) ? Number(text) : undefined;
  return { rule, includes, parse };
}

/** true and false. */
export const trueOrFalse: ValueKind<boolean> = {
  rule: "true or false",
  includes: (value) => typeof value === "boolean",
  parse: (text) => (text === "true" ? true : text === "false" ? false : undefined),
};

/** One of these words. */
export function oneOf<W extends string>(...words: readonly W[]): ValueKind<W> {
  const parse = (text: unknown): W | undefined => words.find((word) => word === text);
  return {
    rule: words.map((word) => `"${word}"`).join(" or "),
    includes: (value): value is W => parse(value) !== undefined,
    parse,
  };
}

/** The values of either kind. */
export function either<A, B>(a: ValueKind<A>, b: ValueKind<B>): ValueKind<A | B> {
  return {
    rule: `${a.rule} or ${b.rule}`,
    includes: (value): value is A | B => a.includes(value) || b.includes(value),
    parse: (text) => a.parse(text) ?? b.parse(text),
  };
}

/** Seeds of random numbers. */
export const SEEDS: ValueKind<number> = integer(0, Number.MAX_SAFE_INTEGER);

/** Numbers of threads, or "auto" for as many as the machine has cores. */
export const THREADS: ValueKind<number | "auto"> = either(oneOf("auto"), integer(1, 256));

/** Learning rates, and numbers that keep a divisor away from 0. They are above 0 and finite as float32, too. */
export const ABOVE_0: ValueKind<number> = number("a finite number above 0", (value) => {
  const rounded = Math.fround(value);
  return rounded > 0 && Number.isFinite(rounded);
});

/** The share of a mean or of a step that is kept at the next one. */
export const FROM_0_BELOW_1: ValueKind<number> = number("a number in [0, 1)", (value) => value >= 0 && value < 1);

/** The names of a record's fields. */
export function namesOf<T extends object>(record: T): (keyof T & string)[] {
  const names: (keyof T & string)[] = [];
  for (const name in record) names.push(name);
  return names;
}

/** Returns a value of this kind. @throws ArgumentError for another value, naming `what`, the value and the rule */
export function checkKind<T>(what: string, kind: ValueKind<T>, value: unknown): T {
  if (kind.includes(value)) return value;
  throw new ArgumentError(`${what} is ${String(value)}; it must be ${kind.rule}`);
}
