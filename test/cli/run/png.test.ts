import { decode } from "fast-png";
import { expect, it } from "vitest";
import { encodePng } from "../../../src/cli/run/png.ts";

it("encodes 8-bit grey pixels without loss", () => {
  const pixels = Uint8Array.from({ length: 17 * 13 }, (_, i) => (i * 37) % 256);
  const png = encodePng({ width: 17, height: 13, pixels });
  expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const { width, height, channels, depth, data } = decode(png);
  expect({ width, height, channels, depth }).toEqual({ width: 17, height: 13, channels: 1, depth: 8 });
  expect(Uint8Array.from(data)).toEqual(pixels);
});
