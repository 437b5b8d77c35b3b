import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { digits, mnist, type DataSet, type DigitsOptions } from "../../src/data/index.ts";
import { GLYPHS } from "../../src/data/digits/glyphs.ts";
import { DEFAULT_DIGITS_SHA256 } from "../../src/data/digits/identity.ts";
import { ArgumentError } from "../../src/engine/errors.ts";
import { statisticsOf } from "./image-statistics.ts";
import { HAS_REAL_MNIST, realMnist } from "./real-mnist.ts";

const DIGITS = digits({ count: 3000 });

function sha256Of(...parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

describe("digits", () => {
  // Equal on every engine and processor. A change of a stroke changes the results of all runs on `digits`.
  it("has the same bits as ever", () => {
    const { images, labels } = digits({ seed: 7, count: 1000 });
    expect(sha256Of(images, labels)).toMatchInlineSnapshot(
      `"91d924e024f5384b0e00b6eb1261a64e11b5a6759fb4ee2e58f923fe88a2ddfb"`,
    );
  });

  it("has 60,000 images unless told otherwise", () => {
    const { images, labels, count } = digits();
    expect([images.length, labels.length, count]).toEqual([60_000 * 784, 60_000, 60_000]);
    expect(sha256Of(images.subarray(0, DIGITS.images.length))).toBe(sha256Of(DIGITS.images));
    // A change of how digits are drawn changes this number, and with it the identity of all drawn digits. So no run
    // goes on with other images than those it was begun with.
    expect(sha256Of(images, labels)).toBe(DEFAULT_DIGITS_SHA256);
  });

  it("makes image i a function of (seed, i) alone", () => {
    const { images, labels } = digits({ first: 2537, count: 11 });
    expect(sha256Of(images)).toBe(sha256Of(DIGITS.images.subarray(2537 * 784, 2548 * 784)));
    expect(labels).toEqual(DIGITS.labels.subarray(2537, 2548));
  });

  it("differs by seed, also in the seed's upper word", () => {
    const seeds = [7, 8, 7 + 2 ** 32];
    const hashes = seeds.map((seed) => sha256Of(digits({ seed, count: 10 }).images));
    expect(new Set(hashes).size).toBe(3);
  });

  it("shows each digit once in every ten images, in changing order", () => {
    const orders = new Set<string>();
    for (let start = 0; start < 3000; start += 10) {
      const ten = [...DIGITS.labels.subarray(start, start + 10)];
      orders.add(ten.join(""));
      expect(ten.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    expect(orders.size).toBeGreaterThan(290);
  });

  it("never draws the same image twice", () => {
    const hashes = new Set<string>();
    for (let i = 0; i < 3000; i++) {
      hashes.add(sha256Of(DIGITS.images.subarray(i * 784, (i + 1) * 784)));
    }
    expect(hashes.size).toBe(3000);
  });

  it("has grey values like MNIST's: mean near 0.13, a sixth to a quarter inked, half of that nearly black", () => {
    const { mean, inked, black } = statisticsOf(DIGITS);
    expect(mean).toBeGreaterThan(0.125);
    expect(mean).toBeLessThan(0.137);
    expect(inked).toBeGreaterThan(1 / 6);
    expect(inked).toBeLessThan(1 / 4);
    expect(black / inked).toBeGreaterThan(0.4);
    expect(black / inked).toBeLessThan(0.6);
  });

  it("places digits as MNIST's makers did: 20 pixels high or wide, the centre of mass in the middle", () => {
    const { images } = statisticsOf(DIGITS);
    for (const { centreX, centreY, width, height } of images) {
      // Half a pixel of rounding, and little more for the few that would have to leave the image.
      expect(Math.abs(centreX - 14)).toBeLessThan(1);
      expect(Math.abs(centreY - 14)).toBeLessThan(1);
      expect(Math.max(width, height)).toBeGreaterThanOrEqual(19);
      expect(Math.max(width, height)).toBeLessThanOrEqual(20);
    }
  });

  it.each<[DigitsOptions, string]>([
    [{ seed: -1 }, "seed is -1"],
    [{ seed: 0.1 }, "seed is 0.1"],
    [{ count: 0 }, "digits: count is 0; it must be an integer from 1 to 1000000"],
    [{ count: 1e7 }, "digits: count is 10000000"],
    [{ count: NaN }, "digits: count is NaN"],
    [{ first: -1 }, "digits: first is -1; it must be an integer from 0"],
    [{ first: 2 ** 32 }, "digits: first is 4294967296"],
  ])("refuses %j", (options, message) => {
    expect(() => digits(options)).toThrow(ArgumentError);
    expect(() => digits(options)).toThrow(message);
  });

  it("knows several ways to write each digit, whose shares sum to a hundred", () => {
    expect(GLYPHS).toHaveLength(10);
    for (const glyphs of GLYPHS) {
      expect(glyphs.length).toBeGreaterThanOrEqual(5);
      expect(glyphs.reduce((sum, { share }) => sum + share, 0)).toBe(100);
      for (const stroke of glyphs.flatMap(({ strokes }) => strokes)) expect(stroke.length % 2).toBe(0);
    }
  });
});

describe.skipIf(!HAS_REAL_MNIST)("digits beside MNIST (skipped where ../shared/data/mnist is not there)", () => {
  const read = async (): Promise<DataSet> =>
    await mnist(realMnist("t10k-images-idx3-ubyte"), realMnist("t10k-labels-idx1-ubyte"));

  it("are as wide, as slanted and as thick, and vary as much", async () => {
    const [ours, theirs] = [statisticsOf(DIGITS), statisticsOf(await read())];
    for (const quantity of ["ink", "width", "slant", "thickness"] as const) {
      const [a, b] = [ours, theirs].map(({ images }) => images.map((image) => image[quantity]).sort((x, y) => x - y));
      for (const part of [0.1, 0.25, 0.5, 0.75, 0.9]) {
        const [of, spread] = [a!, b!].map((sorted) => sorted[Math.floor(part * sorted.length)]!) as [number, number];
        const range = b![Math.floor(0.9 * b!.length)]! - b![Math.floor(0.1 * b!.length)]!;
        expect(Math.abs(of - spread) / range, `${quantity}, quantile ${part}`).toBeLessThan(0.25);
      }
    }
  });

  it("teach a nearest neighbour to read nine of ten handwritten digits", async () => {
    const test = await read();
    let right = 0;
    for (let i = 0; i < 300; i++)
      if (nearestLabel(test.images.subarray(i * 784, (i + 1) * 784)) === test.labels[i]) right++;
    // Chance is 30; drawn digits read by their own kind reach 290.
    expect(right).toBeGreaterThan(240);
  });
});

/** The label of the drawn digit with the smallest angle to the image. */
function nearestLabel(image: Uint8Array): number {
  let [best, label] = [-1, -1];
  for (let i = 0; i < DIGITS.count; i++) {
    let [dot, squares] = [0, 0];
    for (let pixel = 0; pixel < 784; pixel++) {
      const drawn = DIGITS.images[i * 784 + pixel]!;
      dot += drawn * image[pixel]!;
      squares += drawn * drawn;
    }
    const cosine = dot / Math.sqrt(squares);
    if (cosine > best) [best, label] = [cosine, DIGITS.labels[i]!];
  }
  return label;
}
