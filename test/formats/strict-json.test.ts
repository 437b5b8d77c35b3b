import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/engine/errors.ts";
import { parseStrictJson, type StrictJson } from "../../src/formats/strict-json.ts";

/** The same value with plain objects, to compare with JSON.parse. */
function plain(value: StrictJson): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [key, plain(item as StrictJson)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

describe("strict JSON", () => {
  it.each([
    "null",
    "true",
    " false ",
    "0",
    "-0.5e-3",
    "12345678901234567890",
    '""',
    '"\\u0041\\n\\"\\\\/"',
    '"\u{1f600}\\ud83d\\ude00"',
    "[]",
    "[1,[2],[]]",
    "{}",
    '{"a":{"b":[null,"x"]},"":1}',
    '\t{ "a" :\r\n[ 1 , 2 ] } ',
  ])("reads %s as JSON.parse does", (text) => {
    expect(plain(parseStrictJson("text", text))).toEqual(JSON.parse(text));
  });

  it.each([
    "",
    " ",
    "nul",
    "nan",
    "undefined",
    "Infinity",
    "1e999",
    "01",
    "+1",
    ".5",
    "1.",
    "0x10",
    "'a'",
    '"a',
    '"a\nb"',
    '"\\x41"',
    '"\\u12"',
    '"\\ud800"',
    "[1,]",
    "[,]",
    "[1 2]",
    "[",
    "{,}",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a":1 "b":2}',
    "{a:1}",
    "{1:1}",
    "{",
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":1}',
    "1 2",
    "{}x",
    "// comment\n1",
    "[".repeat(100_000),
  ])("rejects %s", (text) => {
    expect(() => parseStrictJson("text", text)).toThrow(FormatError);
    expect(() => parseStrictJson("text", text)).toThrow(/^text .*character \d+$/);
  });

  it("reads a string of a million characters", () => {
    const long = "x\\\\".repeat(300_000);
    expect(parseStrictJson("text", `"${long}"`)).toBe(JSON.parse(`"${long}"`));
  });

  it("keeps __proto__ a name like any other", () => {
    const value = parseStrictJson("text", '{"__proto__":{"polluted":true}}') as ReadonlyMap<string, StrictJson>;
    expect([...value.keys()]).toEqual(["__proto__"]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
