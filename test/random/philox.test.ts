import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/engine/errors.ts";
import { checkSeed, philox, philoxKey, uniform } from "../../src/engine/random/philox.ts";

/** The generator written down once more with 64-bit integers, as in the paper. */
function philoxByBigInt(counter: readonly number[], key: readonly number[]): number[] {
  const word = (x: bigint): bigint => x & 0xffff_ffffn;
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const [product0, product1] = [0xd2511f53n * c0, 0xcd9e8d57n * c2];
    [c0, c1, c2, c3] = [(product1 >> 32n) ^ c1 ^ k0, word(product1), (product0 >> 32n) ^ c3 ^ k1, word(product0)];
    [k0, k1] = [word(k0 + 0x9e3779b9n), word(k1 + 0xbb67ae85n)];
  }
  return [c0, c1, c2, c3].map(Number);
}

function philoxWords([c0, c1, c2, c3]: readonly number[], [low, high]: readonly number[]): number[] {
  const out = new Uint32Array(4);
  philox(out, { low: low!, high: high! }, c0!, c1!, c2!, c3!);
  return [...out];
}

describe("philox", () => {
  // Random123 1.14, tests/kat_vectors: "philox4x32 10", counter, key, result.
  it.each([
    ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ])("gives Random123's known answer for counter %s", (counter, key, answer) => {
    const words = (text: string): number[] => text.split(" ").map((hex) => parseInt(hex, 16));
    expect(philoxWords(words(counter), words(key))).toEqual(words(answer));
  });

  it("agrees with the paper's 64-bit products on 2,000 counters and keys", () => {
    let state = [1, 2, 3, 4];
    for (let round = 0; round < 2000; round++) {
      const key = [state[3]!, state[1]!];
      const expected = philoxByBigInt(state, key);
      expect(philoxWords(state, key)).toEqual(expected);
      state = expected;
    }
  });
});

describe("philoxKey", () => {
  it("splits the seed into two words", () => {
    expect(philoxKey(7)).toEqual({ low: 7, high: 0 });
    expect(philoxKey(0x1_0000_0000 * 5 + 9)).toEqual({ low: 9, high: 5 });
    expect(philoxKey(Number.MAX_SAFE_INTEGER)).toEqual({ low: 0xffff_ffff, high: 0x1f_ffff });
  });

  it.each([-1, 0.5, NaN, Infinity, 2 ** 53, "7" as unknown as number, undefined as unknown as number])(
    "refuses the seed %s",
    (seed) => {
      expect(() => philoxKey(seed)).toThrow(ArgumentError);
      expect(() => checkSeed(seed)).toThrow(
        `seed is ${String(seed)}; it must be an integer from 0 to 2^53-1 (9007199254740991)`,
      );
    },
  );
});

describe("uniform", () => {
  it("maps words to [0, 1), signed words too", () => {
    expect([0, 1, 0x8000_0000, 0xffff_ffff, -1].map(uniform)).toEqual([0, 2 ** -32, 0.5, 1 - 2 ** -32, 1 - 2 ** -32]);
  });
});
