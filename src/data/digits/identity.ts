import { Sha256 } from "../../engine/sha256.ts";

/** The numbers on which a set of drawn digits depends, beside the code that draws. */
export interface DigitsSelection {
  readonly seed: number;
  readonly count: number;
  readonly first: number;
}

/** The digits that are drawn unless a caller says otherwise. */
export const DEFAULT_DIGITS: DigitsSelection = { seed: 7, count: 60_000, first: 0 };

/**
 * SHA-256 of the images and labels of DEFAULT_DIGITS. It stands for the code that draws: test/data/digits.test.ts draws
 * them and compares, so a changed stroke changes this number.
 */
export const DEFAULT_DIGITS_SHA256 = "7226389f977401b24a6e8e937412743ecf8a9e34e9373816f856da53c84dbde6";

/**
 * 64 hex digits that tell a set of drawn digits from every other, without drawing any. The default set has the SHA-256
 * of its content. Another set has the SHA-256 of a text with that number and the selection.
 */
export function digitsIdentity({ seed, count, first }: DigitsSelection): string {
  const isDefault = seed === DEFAULT_DIGITS.seed && count === DEFAULT_DIGITS.count && first === DEFAULT_DIGITS.first;
  if (isDefault) return DEFAULT_DIGITS_SHA256;
  const text = `digits drawn as ${DEFAULT_DIGITS_SHA256}, seed ${seed}, count ${count}, first ${first}`;
  return new Sha256().update(new TextEncoder().encode(text)).hex();
}
