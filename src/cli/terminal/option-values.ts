import { InvalidArgumentError } from "commander";

/** Turns the text after an option into its value. @throws InvalidArgumentError that names value and rule */
export type ValueParser<T> = (text: string) => T;

/** Text that is not empty: `--out ""` is a mistake in a script, never a wish. */
export const someText: ValueParser<string> = (text) => {
  if (text.trim() === "") throw new InvalidArgumentError("the value is empty.");
  return text;
};

/** An integer in decimal digits, from `min` to `max`. */
export function integer(min: number, max: number): ValueParser<number> {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`it must be an integer from ${min} to ${max}.`);
  };
}

/** An integer in decimal digits, from `min` to `max`, that `factor` divides. */
export function multipleOf(factor: number, min: number, max: number): ValueParser<number> {
  const parse = integer(min, max);
  return (text) => {
    const value = parse(text);
    if (value % factor === 0) return value;
    throw new InvalidArgumentError(`it must be a multiple of ${factor}.`);
  };
}

/** A learning rate per step: above 0, at most 1. */
export const rate: ValueParser<number> = (text) => {
  const value = /^[\d.eE+-]+$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError("it must be a number above 0 and at most 1.");
};

/** `auto` or a number of threads. */
export const threads: ValueParser<number | "auto"> = (text) => (text === "auto" ? text : threadCount(text));

const threadCount = integer(1, 256);
