import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/engine/errors.ts";
import { enlarge, inkToGray, placeBeside, tileImages, type GrayImage } from "../../src/formats/gray-image.ts";

/** The pixels as rows of numbers. */
function rows({ width, height, pixels }: GrayImage): number[][] {
  return Array.from({ length: height }, (_, y) => [...pixels.subarray(y * width, (y + 1) * width)]);
}

describe("inkToGray", () => {
  // matplotlib.colormaps["Greys"](step, bytes=True)[0], Matplotlib 3.11: ends, knots and steps where rounding shows.
  it.each([
    [0, 255],
    [1, 254],
    [2, 254],
    [31, 240],
    [32, 239],
    [63, 217],
    [64, 216],
    [96, 188],
    [128, 149],
    [159, 115],
    [204, 64],
    [221, 40],
    [254, 1],
    [255, 0],
  ])("maps Matplotlib's step %i of 256 to %i", (step, gray) => {
    expect(inkToGray((step + 0.5) / 256)).toBe(gray);
  });

  it("never brightens with more ink", () => {
    const grays = Array.from({ length: 4097 }, (_, i) => inkToGray(i / 4096));
    expect(grays).toEqual(grays.toSorted((a, b) => b - a));
    expect(new Set(grays).size).toBeGreaterThan(200);
  });

  it("takes values outside [0, 1] as the nearer end", () => {
    expect([-1, -Infinity, 1, 2, Infinity].map(inkToGray)).toEqual([255, 255, 0, 0, 0]);
  });
});

describe("tileImages", () => {
  it("places images row by row with gaps of paper", () => {
    const ink = [1, 0, 0, 0.5, 0, 1, 1, 0, 1, 1, 1, 1];
    expect(rows(tileImages(ink, { height: 1, width: 4, columns: 2, gap: 1 }))).toEqual([
      [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
      [255, 0, 255, 255, 149, 255, 255, 0, 0, 255, 255],
      [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
      [255, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255],
      [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
    ]);
  });

  it("lays 64 digits out in a square of 242 pixels", () => {
    const ink = new Float32Array(64 * 784);
    ink[63 * 784 + 783] = 1;
    const sheet = tileImages(ink, { columns: 8 });
    expect([sheet.width, sheet.height]).toEqual([242, 242]);
    expect(sheet.pixels.indexOf(0)).toBe(239 * 242 + 239);
    expect(sheet.pixels.filter((gray) => gray !== 255)).toHaveLength(1);
  });

  it("names what it cannot lay out", () => {
    expect(() => tileImages(new Float32Array(783), { columns: 8 })).toThrow(ShapeError);
    expect(() => tileImages(new Float32Array(783), { columns: 8 })).toThrow(/783 pixels.*28×28/);
    expect(() => tileImages([], { columns: 8 })).toThrow(ShapeError);
    expect(() => tileImages([1], { height: 1, width: 1, columns: 0 })).toThrow(ArgumentError);
    expect(() => tileImages([1], { height: 1, width: 1, columns: 1, gap: -1 })).toThrow(/gap is -1/);
    expect(() => tileImages([1], { height: 1, width: 0.5, columns: 1 })).toThrow(/width is 0\.5/);
    expect(() => tileImages([0, NaN], { height: 1, width: 1, columns: 1 })).toThrow(/pixel 1 is NaN/);
  });
});

describe("enlarge and placeBeside", () => {
  const image: GrayImage = { width: 2, height: 1, pixels: Uint8Array.of(7, 9) };

  it("makes a square of each pixel", () => {
    expect(rows(enlarge(image, 3))).toEqual(Array(3).fill([7, 7, 7, 9, 9, 9]));
    expect(rows(enlarge(image, 1))).toEqual([[7, 9]]);
    expect(() => enlarge(image, 1.5)).toThrow(ArgumentError);
  });

  it("centres the lower image", () => {
    const tall = enlarge(image, 3);
    expect(rows(placeBeside(image, tall))).toEqual([
      [255, 255, 7, 7, 7, 9, 9, 9],
      [7, 9, 7, 7, 7, 9, 9, 9],
      [255, 255, 7, 7, 7, 9, 9, 9],
    ]);
    expect(rows(placeBeside(tall, image))[1]).toEqual([7, 7, 7, 9, 9, 9, 7, 9]);
  });
});
