import { describe, expect, it } from "vitest";
import { STREAMS, variableStream } from "../../src/engine/random/streams.ts";

const VARIABLES =
  "g_w1 g_b1 bn1/beta g_w2 g_b2 bn2/beta g_w3 g_b3 bn3/beta g_w4 g_b4 d_w1 d_b1 d_w2 d_b2 d_w3 d_b3 d_w4 d_b4";

describe("streams", () => {
  it("are numbered once and for all", () => {
    expect(STREAMS).toEqual({
      pretrainLatent: 1,
      discriminatorLatent: 2,
      generatorLatent: 3,
      sampleLatent: 4,
      gridLatent: 5,
      epochOrder: 6,
      digits: 7,
      digitClasses: 8,
    });
  });

  it("give every variable of the GAN one of its own, apart from the others", () => {
    const streams = VARIABLES.split(" ").map(variableStream);
    expect(new Set(streams).size).toBe(19);
    for (const stream of streams) {
      expect(stream).toBeGreaterThanOrEqual(0x8000_0000);
      expect(stream).toBeLessThanOrEqual(0xffff_ffff);
    }
  });

  // FNV-1a 32 of "", "a" and "foobar" from the authors' test vectors: 811c9dc5, e40c292c, bf9cf968.
  it.each([
    ["", 0x811c9dc5],
    ["a", 0xe40c292c],
    ["foobar", 0xbf9cf968],
  ])("take FNV-1a of the name %j, with the top bit set", (name, hash) => {
    expect(variableStream(name)).toBe((hash | 0x8000_0000) >>> 0);
  });

  it("hash names in UTF-8", () => {
    expect(variableStream("größe")).not.toBe(variableStream("grose"));
  });
});
