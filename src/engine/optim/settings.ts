import { ArgumentError } from "../errors.ts";

/** What a setting must be; its name says the rule in an error. */
export interface Rule {
  readonly text: string;
  readonly holds: (value: number) => boolean;
}

/** Learning rates, and what keeps a divisor away from 0. */
export const above0: Rule = { text: "a finite number above 0", holds: (value) => value > 0 };

/** How much of what was is kept in each update. */
export const decay: Rule = { text: "in [0, 1)", holds: (value) => value >= 0 && value < 1 };

/** @throws ArgumentError for the first setting that is no number or breaks its rule. */
export function checkSettings(
  optimizer: string,
  settings: Readonly<Record<string, readonly [value: number, rule: Rule]>>,
): void {
  for (const [name, [value, { text, holds }]] of Object.entries(settings)) {
    if (Number.isFinite(value) && holds(value)) continue;
    throw new ArgumentError(`${optimizer}: ${name} is ${String(value)}; it must be ${text}`);
  }
}
