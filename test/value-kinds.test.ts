import { describe, expect, it } from "vitest";
import { ArgumentError } from "../src/engine/errors.ts";
import {
  checkKind,
  integer,
  multipleOf,
  namesOf,
  number,
  oneOf,
  SEEDS,
  THREADS,
  trueOrFalse,
  type ValueKind,
} from "../src/engine/value-kinds.ts";

const share = number("a number in [0, 1)", (value) => value >= 0 && value < 1);

describe("a kind of value", () => {
  it.each<[ValueKind<unknown>, unknown[], unknown[]]>([
    [integer(0), [0, 7, Number.MAX_SAFE_INTEGER], [-1, 0.5, NaN, Infinity, 2 ** 53, "7", null, undefined, 7n]],
    [integer(1, 512), [1, 512], [0, 513]],
    [multipleOf(4, 4, 1024), [4, 1024], [0, 6, 1028, NaN]],
    [share, [0, 0.5, 1 - Number.EPSILON], [1, -0.1, NaN, -Infinity, "0.5"]],
    [trueOrFalse, [true, false], [0, "true", null]],
    [oneOf("pretrain", "train"), ["pretrain", "train"], ["", "toString", 0]],
    [THREADS, ["auto", 1, 256], ["1", 0, 257, "all"]],
    [SEEDS, [0, 2 ** 53 - 1], [-1, 2 ** 53]],
  ])("includes what it should: $rule", (kind, inside, outside) => {
    expect(inside.filter((value) => !kind.includes(value))).toEqual([]);
    expect(outside.filter((value) => kind.includes(value))).toEqual([]);
    for (const value of inside) expect(kind.parse(String(value))).toBe(value);
  });

  it.each<[ValueKind<unknown>, string[]]>([
    [integer(0), ["", " 1", "-1", "+1", "1e3", "0x10", "2.5", "1n", "9007199254740992", "NaN"]],
    [share, ["", "1", "-0.5", "half", "0x0", "1e400", "Infinity", "NaN", ".", "1e"]],
    [trueOrFalse, ["", "TRUE", "1"]],
    [oneOf("pretrain", "train"), ["", "TRAIN"]],
  ])("parses no other text: $rule", (kind, texts) => {
    expect(texts.filter((text) => kind.parse(text) !== undefined)).toEqual([]);
  });

  it("says its rule in words", () => {
    const kinds = [integer(3), integer(1, 512), integer(0, 0xffff_ffff), SEEDS, multipleOf(4, 4, 8), THREADS];
    expect(kinds.map(({ rule }) => rule)).toEqual([
      "an integer ≥ 3",
      "an integer from 1 to 512",
      "an integer from 0 to 2^32-1",
      "an integer from 0 to 2^53-1 (9007199254740991)",
      "a multiple of 4 from 4 to 8",
      '"auto" or an integer from 1 to 256',
    ]);
  });

  it("is checked with an error that names argument, value and rule", () => {
    expect(checkKind("batch", integer(1), 3)).toBe(3);
    expect(() => checkKind("batch", integer(1), 0)).toThrow(ArgumentError);
    expect(() => checkKind("batch", integer(1), null)).toThrow("batch is null; it must be an integer ≥ 1");
  });
});

it("the names of a record are its own, in order", () => {
  expect(namesOf({ b: 1, a: 2 })).toEqual(["b", "a"]);
});
