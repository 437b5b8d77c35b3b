import { InvalidArgumentError, Option } from "commander";
import type { Setting } from "../../gan/configuration.ts";

/** Text that is not empty: `--out ""` is a mistake in a script, never a wish. @throws InvalidArgumentError */
export function someText(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("the value is empty.");
  return text;
}

/** The flag of a setting: zDim → --z-dim. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** An option with text that is not empty. */
export function textOption(flags: string, what: string): Option {
  return new Option(flags, what).argParser(someText);
}

/** The option of a setting: its line in --help says what it is, and its range. The command adds the default. */
export function settingOption<T>(flags: string, { sentence, kind, note }: Setting<T>): Option {
  const description = `${sentence}, ${kind.rule}${note === undefined ? "" : ` (${note})`}`;
  return new Option(flags, description).argParser((text) => {
    const value = kind.parse(text);
    if (value === undefined) throw new InvalidArgumentError(`it must be ${kind.rule}.`);
    return value;
  });
}
