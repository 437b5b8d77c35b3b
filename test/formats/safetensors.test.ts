import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ArgumentError, FormatError, ShapeError } from "../../src/engine/errors.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  MAX_FILE_BYTES,
  MAX_HEADER_BYTES,
  streamSafetensors,
  type SafetensorsContent,
} from "../../src/formats/safetensors.ts";

const ZEROS = "0".repeat(64);

const small: SafetensorsContent = {
  tensors: new Map([
    ["d_w1", { shape: [2, 3], values: Float32Array.of(1, -2, 3.5, 1e-40, -0, 3.4e38) }],
    ["bn1/beta", { shape: [1], values: Float32Array.of(0.1) }],
  ]),
  metadata: new Map([
    ["step", "12"],
    ["format", "wasm-gan/1"],
  ]),
};

function headerOf(file: Uint8Array): string {
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  return new TextDecoder().decode(file.subarray(8, 8 + length));
}

/** A file around a foreign header and data, its digest right wherever the header has a place for it. */
function fileOf(header: string | Uint8Array, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  const digits = new TextDecoder("latin1").decode(file).indexOf(ZEROS);
  if (digits >= 0) file.set(new TextEncoder().encode(createHash("sha256").update(file).digest("hex")), digits);
  return file;
}

/** A header with the digest's metadata, then these members. */
function withMembers(members: string): string {
  return `{"__metadata__":{"sha256":"${ZEROS}"}${members}}`;
}

async function failure(file: Uint8Array): Promise<string> {
  const error: unknown = await decodeSafetensors(file).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FormatError);
  const { code, message } = error as FormatError;
  expect(code).toBe("FORMAT");
  expect(message).not.toMatch(/\n/);
  expect(message.length).toBeLessThan(400);
  return message;
}

describe("writing safetensors", () => {
  it("lays out the header and the data as the format says", async () => {
    const file = await encodeSafetensors(small);
    const header = headerOf(file);
    expect(header.length % 8).toBe(0);
    expect(header.trimEnd()).toBe(
      `{"__metadata__":{"sha256":"${header.slice(27, 91)}","format":"wasm-gan/1","step":"12"},` +
        `"bn1/beta":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},` +
        `"d_w1":{"dtype":"F32","shape":[2,3],"data_offsets":[4,28]}}`,
    );
    const data = new DataView(file.buffer, 8 + header.length);
    expect(data.byteLength).toBe(28);
    expect(data.getFloat32(0, true)).toBe(Math.fround(0.1));
    expect(data.getFloat32(4, true)).toBe(1);
    expect(data.getFloat32(24, true)).toBe(Math.fround(3.4e38));
  });

  it("stores the SHA-256 of the file whose bytes 35 to 98 are zeros", async () => {
    const file = await encodeSafetensors(small);
    const digest = new TextDecoder().decode(file.subarray(35, 99));
    const zeroed = file.slice();
    zeroed.set(new TextEncoder().encode(ZEROS), 35);
    expect(createHash("sha256").update(zeroed).digest("hex")).toBe(digest);
  });

  it("writes the same bytes for the same content in any order", async () => {
    const shuffled = {
      tensors: new Map([...small.tensors].reverse()),
      metadata: new Map([...small.metadata].reverse()),
    };
    expect(await encodeSafetensors(shuffled)).toEqual(await encodeSafetensors(small));
  });

  it("streams the same bytes, asking for a tensor's values when its turn comes", async () => {
    const asked: string[] = [];
    const values = Float32Array.from({ length: 300_000 }, (_, i) => i / 7);
    const large = { shape: [300_000], values };
    const whole = new Map([...small.tensors, ["a", large]]);
    const tensors = new Map(
      [...whole].map(([name, { shape, values }]) => [
        name,
        {
          shape,
          get values(): Float32Array {
            asked.push(name);
            return values;
          },
        },
      ]),
    );
    const { size, pieces } = streamSafetensors({ ...small, tensors });
    expect(asked, "for the digest").toEqual(["a", "bn1/beta", "d_w1"]);
    const lengths: number[] = [];
    const file = Buffer.concat(
      Array.from(pieces, (piece) => {
        lengths.push(piece.length);
        return piece.slice();
      }),
    );
    expect(file.equals(await encodeSafetensors({ ...small, tensors: whole }))).toBe(true);
    expect(file.length).toBe(size);
    expect(asked.slice(3)).toEqual(["a", "bn1/beta", "d_w1"]);
    expect(Math.max(...lengths)).toBe(2 ** 20);
  });

  it("refuses what it could not read again", async () => {
    const metadata = new Map<string, string>();
    const one = { shape: [1], values: new Float32Array(1) };
    const tensors = (name: string, tensor = one) => ({ tensors: new Map([[name, tensor]]), metadata });
    const texts = (key: string, text: string) => ({ tensors: new Map(), metadata: new Map([[key, text]]) });
    await expect(encodeSafetensors(tensors("__metadata__"))).rejects.toThrow(ArgumentError);
    await expect(encodeSafetensors(tensors("\ud800"))).rejects.toThrow(ArgumentError);
    await expect(encodeSafetensors(texts("sha256", "x"))).rejects.toThrow(ArgumentError);
    await expect(encodeSafetensors(texts("key", "\udc00"))).rejects.toThrow(ArgumentError);
    await expect(encodeSafetensors(texts("key", 5 as unknown as string))).rejects.toThrow(ArgumentError);
    await expect(encodeSafetensors(texts("key", "x".repeat(MAX_HEADER_BYTES)))).rejects.toThrow(/header has 1048/);
    const wrong = { shape: [2, 2], values: new Float32Array(3) };
    await expect(encodeSafetensors(tensors("w", wrong))).rejects.toThrow(ShapeError);
    await expect(encodeSafetensors(tensors("w", wrong))).rejects.toThrow(/"w".*\[2,2\] needs 4 values, not 3/);
    await expect(encodeSafetensors(tensors("w", { shape: [-1], values: new Float32Array(1) }))).rejects.toThrow(
      ShapeError,
    );
  });
});

describe("reading safetensors", () => {
  it("gives back what was written, bit for bit", async () => {
    const { tensors, metadata } = await decodeSafetensors(await encodeSafetensors(small));
    expect(metadata).toEqual(small.metadata);
    expect([...tensors.keys()].sort()).toEqual([...small.tensors.keys()].sort());
    for (const [name, { shape, values }] of small.tensors) {
      expect(tensors.get(name)!.shape).toEqual(shape);
      expect(new Uint32Array(tensors.get(name)!.values.buffer)).toEqual(new Uint32Array(values.buffer));
    }
  });

  it.each([
    ["nothing", new Map(), new Map()],
    ["a scalar", new Map([["x", { shape: [], values: Float32Array.of(7) }]]), new Map()],
    ["an empty tensor", new Map([["x", { shape: [3, 0], values: new Float32Array(0) }]]), new Map()],
    [
      "names that objects treat specially",
      new Map(
        ["__proto__", "10", "9", "constructor", 'x"sha256', "ж/\u{1f600}", ""].map((name, i) => [
          name,
          { shape: [1], values: Float32Array.of(i) },
        ]),
      ),
      new Map([
        ["__proto__", "polluted"],
        ['x"sha256', ZEROS],
        ["line\nbreak", '"\\'],
      ]),
    ],
  ] satisfies [string, SafetensorsContent["tensors"], SafetensorsContent["metadata"]][])(
    "round-trips %s",
    async (_, tensors, metadata) => {
      const file = await encodeSafetensors({ tensors, metadata });
      const content = await decodeSafetensors(file);
      expect(new Map([...content.tensors].sort())).toEqual(new Map([...tensors].sort()));
      expect(content.metadata).toEqual(metadata);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      expect(await encodeSafetensors(content)).toEqual(file);
    },
  );

  it("reads from the middle of a larger buffer and shares no memory with it", async () => {
    const file = await encodeSafetensors(small);
    const larger = new Uint8Array(file.length + 8).fill(0xff);
    larger.set(file, 3);
    const { tensors } = await decodeSafetensors(larger.subarray(3, 3 + file.length));
    larger.fill(0);
    expect(tensors.get("d_w1")!.values[2]).toBe(3.5);
  });

  it("rejects the file with any single bit flipped, and any byte inverted", async () => {
    const file = await encodeSafetensors(small);
    let rejected = 0;
    for (let at = 0; at < file.length; at++) {
      for (const mask of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        const damaged = file.slice();
        damaged[at]! ^= mask;
        await failure(damaged);
        rejected++;
      }
    }
    expect(rejected).toBe(9 * file.length);
  });

  it("rejects the file cut off anywhere, and with bytes appended", async () => {
    const file = await encodeSafetensors(small);
    for (let length = 0; length < file.length; length++) await failure(file.subarray(0, length));
    for (const extra of [1, 3, 4, 8]) {
      const longer = new Uint8Array(file.length + extra);
      longer.set(file);
      expect(await failure(longer)).toMatch(new RegExp(`${extra} bytes follow the last tensor`));
    }
  });

  const tensor = (name: string, shape: string, begin: number, end: number): string =>
    `,"${name}":{"dtype":"F32","shape":${shape},"data_offsets":[${begin},${end}]}`;

  it.each([
    [
      "a gap",
      tensor("a", "[1]", 0, 4) + tensor("b", "[1]", 8, 12),
      12,
      /"b" begins at offset 8; the one before ends at 4/,
    ],
    ["an overlap", tensor("a", "[2]", 0, 8) + tensor("b", "[2]", 4, 12), 12, /"b" begins at offset 4.* ends at 8/],
    ["disorder", tensor("a", "[1]", 4, 8) + tensor("b", "[1]", 0, 4), 8, /"a" begins at offset 4/],
    ["data that end early", tensor("a", "[2]", 0, 8), 4, /"a" ends at offset 8; the file has 4 bytes/],
    ["data after the last tensor", tensor("a", "[1]", 0, 4), 12, /8 bytes follow/],
    [
      "a length that is not the shape's",
      tensor("a", "[2,2]", 0, 12),
      12,
      /"a": data_offsets \[0,12\].* 16 bytes .*\[2,2\]/,
    ],
    ["offsets backwards", tensor("a", "[1]", 4, 0), 4, /"a": data_offsets \[4,0\]/],
    ["a negative size", tensor("a", "[-1]", 0, 4), 4, /"a": shape is not a list of at most 8 integers ≥ 0/],
    ["a fractional size", tensor("a", "[0.5]", 0, 4), 4, /"a": shape/],
    ["a size beyond 2^53", tensor("a", "[9007199254740993]", 0, 4), 4, /"a": shape/],
    ["sizes that overflow", tensor("a", `[${Array(7).fill("9007199254740991").join()}]`, 0, 0), 0, /"a": data_offsets/],
    ["nine axes", tensor("a", "[1,1,1,1,1,1,1,1,1]", 0, 4), 4, /"a": shape is not a list of at most 8/],
    ["a size that is text", tensor("a", '["1"]', 0, 4), 4, /"a": shape/],
    ["a shape that is no list", tensor("a", "1", 0, 4), 4, /"a": shape/],
    ["another dtype", ',"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}', 4, /"a": only dtype "F32"/],
    ["no dtype", ',"a":{"shape":[1],"data_offsets":[0,4]}', 4, /"a" needs dtype, shape and data_offsets/],
    ["a field too many", ',"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}', 4, /nothing else/],
    ["three offsets", ',"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}', 4, /"a": data_offsets \[0,4,4\]/],
    ["a tensor that is no object", ',"a":[1]', 0, /tensor "a" is not a JSON object/],
    ["a tensor twice", tensor("a", "[1]", 0, 4) + tensor("a", "[1]", 4, 8), 8, /"a" begins at offset 4/],
    [
      "a tensor twice, once escaped",
      tensor("a", "[1]", 0, 4) + tensor("\\u0061", "[1]", 4, 8),
      8,
      /"a" begins at offset 4/,
    ],
  ])("rejects %s", async (_, members, dataBytes, message) => {
    expect(await failure(fileOf(withMembers(members), new Uint8Array(dataBytes)))).toMatch(message);
  });

  it.each([
    ["a header without metadata", "{}", /__metadata__ is not a JSON object/],
    ["a digest that is escaped", `{"__metadata__":{"sha256":"${"\\u0030".repeat(64)}"}}`, /does not begin/],
    ["a foreign header", `{"__metadata__":{"a":"b"}}`, /does not begin with a sha256/],
    ["white space before the digest", `{"__metadata__": {"sha256":"${ZEROS}"}}`, /does not begin/],
    ["a digest in capitals", `{"__metadata__":{"sha256":"${"A".repeat(64)}"}}`, /does not begin/],
    ["an empty digest", `{"__metadata__":{"sha256":""}}`, /does not begin/],
    ["metadata that is no text", `{"__metadata__":{"sha256":"${ZEROS}","step":1}}`, /"step" is not a string/],
    ["metadata that is a list", `{"__metadata__":[]}`, /__metadata__ is not a JSON object/],
    ["a header that is a list", "[]", /the header is not a JSON object/],
    ["a header that is null", "null", /the header is not a JSON object/],
    ["an empty header", "", /not JSON/],
    ["a header that breaks off", `{"__metadata__":{"sha256":"${ZEROS}"`, /not JSON/],
    ["two headers", withMembers("") + "{}", /not JSON/],
  ])("rejects %s", async (_, header, message) => {
    expect(await failure(fileOf(header))).toMatch(message);
  });

  /** A file of this header, padded as it must be, and one float32 of data. */
  const padded = (text: string): Uint8Array => {
    const bytes = new TextEncoder().encode(text).length;
    return fileOf(text + " ".repeat(-bytes & 7), new Uint8Array(4));
  };

  const SPELT = `{"__metadata__":{"sha256":"${ZEROS}","k":"t"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`;

  it("takes one spelling of a header", async () => {
    const { tensors, metadata } = await decodeSafetensors(padded(SPELT));
    expect([[...tensors.keys()], [...metadata]]).toEqual([["a"], [["k", "t"]]]);
  });

  // Each of these is the header above with one thing written otherwise, and its digest is right.
  it.each([
    ["a name twice, the last one right", '"a":{', '"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{'],
    ["a name twice, once escaped", '"a":{', '"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{'],
    ["a field twice", '"dtype":"F32"', '"dtype":"F16","dtype":"F32"'],
    ["the metadata twice", '"a":{', '"__metadata__":{"sha256":"","k":"t"},"a":{'],
    ["the metadata twice, both the same", ',"a":{', `,"__metadata__":{"sha256":"${ZEROS}","k":"t"},"a":{`],
    ["a key of the metadata twice", '"k":"t"', '"k":"s","k":"t"'],
    ["fields in another order", '"dtype":"F32","shape":[1]', '"shape":[1],"dtype":"F32"'],
    ["keys of the metadata out of order", '"k":"t"', '"k":"t","j":"t"'],
    ["an escaped letter in a name", '"a":', '"\\u0061":'],
    ["an escaped letter in a text", '"t"', '"\\u0074"'],
    ["an escaped slash", '"t"', '"\\/"'],
    ["an escaped pair of surrogates", '"t"', '"\\ud83d\\ude00"'],
    ["half a surrogate pair in a text", '"t"', '"\\ud83d"'],
    ["half a surrogate pair in a key", '"k"', '"\\ude00"'],
    ["half a surrogate pair in a name", '"a"', '"\\ud83d"'],
    ["an escape in capitals", '"t"', '"\\u001F"'],
    ["a control character as it is", '"t"', '"\u0001"'],
    ["an escape that JSON does not know", '"t"', '"\\x41"'],
    ["a size as a fraction", "[1]", "[1.0]"],
    ["a size with an exponent", "[1]", "[1e0]"],
    ["a size with a leading zero", "[1]", "[01]"],
    ["a size with a plus", "[1]", "[+1]"],
    ["an offset of minus zero", "[0,4]", "[-0,4]"],
    ["an offset with an exponent", "[0,4]", "[0,4e0]"],
    ["white space between", '":{', '": {'],
    ["white space before", "{", " {"],
    ["a line break at the end", "}}", "}}\n"],
    ["a comma too many", "[0,4]", "[0,4,]"],
    ["a comment", "[1]", "[1/**/]"],
    ["single quotes", '"a"', "'a'"],
    ["no quotes", '"a"', "a"],
    ["a list for an object", '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}', '["F32",[1],[0,4]]'],
    ["a value of another kind", '"F32"', "null"],
    ["a deep nest for a shape", "[1]", "[".repeat(99_999) + "]".repeat(99_999)],
    ["a deep nest that never ends", "[1]", "[".repeat(200_000)],
    ["eight bytes of padding too many", "}}", "}}        "],
  ])("rejects %s", async (_, found, written) => {
    expect(SPELT).toContain(found);
    expect(await failure(padded(SPELT.replace(found, () => written)))).toMatch(/^safetensors: /);
  });

  it("rejects a header without its padding", async () => {
    expect(SPELT.length % 8).not.toBe(0);
    expect(await failure(fileOf(SPELT, new Uint8Array(4)))).toMatch(/differs at byte 0 from the one spelling/);
  });

  it("rejects a header that is not UTF-8, or begins with a byte order mark", async () => {
    expect(await failure(fileOf(Uint8Array.of(0x7b, 0xff, 0x7d)))).toMatch(/not UTF-8/);
    expect(await failure(fileOf("\ufeff" + withMembers("")))).toMatch(/not JSON/);
  });

  it("rejects an absurd header length before it reads on", async () => {
    for (const length of [BigInt(MAX_HEADER_BYTES) + 1n, 2n ** 32n + 8n, 2n ** 63n, 2n ** 64n - 1n]) {
      const file = new Uint8Array(64);
      new DataView(file.buffer).setBigUint64(0, length, true);
      expect(await failure(file)).toMatch(/header has \d+ bytes; at most 1048576/);
    }
  });

  it("rejects a file above the limit before it reads it", async () => {
    // A view that only claims its length: such a file need not be in memory to be refused.
    const huge = new Proxy(new Uint8Array(8), {
      get: (bytes, key) => (key === "length" ? MAX_FILE_BYTES + 1 : (Reflect.get(bytes, key, bytes) as unknown)),
    });
    expect(await failure(huge)).toMatch(/file has 536870913 bytes; at most 536870912/);
  });

  it("names a long foreign name in one short line", async () => {
    const name = "\\n".repeat(9000);
    expect(await failure(fileOf(withMembers(`,"${name}":7`)))).toMatch(
      /^safetensors: tensor ".*…" is not a JSON object$/,
    );
  });
});
