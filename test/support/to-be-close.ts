import { expect } from "vitest";

/** Numbers, and the allowed error of each. Without bounds, a result must be the same. */
export interface Expected {
  readonly values: ArrayLike<number>;
  readonly bound?: ArrayLike<number> | undefined;
}

/** The first element that is not within its bound, in words; undefined if all are within. NaN is close to nothing. */
export function firstFar(what: string, got: ArrayLike<number>, { values, bound }: Expected): string | undefined {
  if (got.length !== values.length) return `${what}: got ${got.length} elements, want ${values.length}`;
  for (let i = 0; i < values.length; i++) {
    const [value, want, limit] = [got[i]!, values[i]!, bound?.[i] ?? 0];
    if (Math.abs(value - want) <= limit) continue;
    return `${what}[${i}]: got ${value}, want ${want}, off by ${Math.abs(value - want)} with a bound of ${limit}`;
  }
  return undefined;
}

expect.extend({
  toBeClose(got: ArrayLike<number>, what: string, expected: Expected) {
    const far = firstFar(what, got, expected);
    return { pass: far === undefined, message: () => far ?? `${what}: every element is within its bound` };
  },
});

declare module "vitest" {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- vitest declares it so
  interface Matchers<T = any> {
    /** Each element is within its own bound of the wanted one; the message names the first that is not. */
    toBeClose: (what: string, expected: Expected) => T;
  }
}
