import { describe, expect, it } from "vitest";
import { batches, digits, type BatchOptions, type DataSet } from "../../src/data/index.ts";
import { ArgumentError, DataError, ShapeError } from "../../src/engine/errors.ts";

/** `count` images, each filled with its own number, so that a batch tells which images it has. */
function numbered(count: number): DataSet {
  const images = new Uint8Array(count * 784).map((_, at) => Math.floor(at / 784));
  return { images, labels: new Uint8Array(count), count };
}

/** The numbers of the images in a batch of numbered ones. */
function numbersIn(batch: Float32Array): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < batch.length; at += 784) numbers.push(Math.round(batch[at]! * 255));
  return numbers;
}

const SMALL = { batchSize: 7, seed: 3, holdOut: 13 };

describe("batches", () => {
  it("gives pixels as byte/255 in float32, row by row", () => {
    const images = new Uint8Array(2 * 784).map((_, at) => at % 256);
    const one = batches({ images, labels: new Uint8Array(2), count: 2 }, { batchSize: 1, holdOut: 1 });
    const batch = one.next();
    expect(batch).toHaveLength(784);
    expect(batch).toEqual(Float32Array.from(images.subarray(784), (byte) => Math.fround(byte) / Math.fround(255)));
  });

  it("never gives out the first images, and every other one once in each epoch, in another order", () => {
    const series = batches(numbered(113), SMALL);
    const given = Array.from({ length: 300 }, () => numbersIn(series.next())).flat();
    const epochs = Array.from({ length: 21 }, (_, epoch) => given.slice(epoch * 100, (epoch + 1) * 100));
    const expected = Array.from({ length: 100 }, (_, i) => 13 + i);
    for (const epoch of epochs) expect([...epoch].sort((a, b) => a - b)).toEqual(expected);
    expect(new Set(epochs.map((epoch) => epoch.join())).size).toBe(21);
  });

  it("carries over: the batch that crosses the end has the rest of this epoch and the start of the next", () => {
    const series = batches(numbered(113), SMALL);
    const given = Array.from({ length: 30 }, () => numbersIn(series.next())).flat();
    // 100 = 14·7 + 2: batch 14 has the last two images of epoch 0 and the first five of epoch 1.
    const whole = batches(numbered(113), { ...SMALL, batchSize: 100 });
    const [first, second] = [numbersIn(whole.next()), numbersIn(whole.next())];
    expect(given.slice(98, 105)).toEqual([...first.slice(98), ...second.slice(0, 5)]);
  });

  it("depends on seed and step alone: any batch can be computed without those before it", () => {
    const series = batches(numbered(113), SMALL);
    const inOrder = Array.from({ length: 60 }, () => numbersIn(series.next()));
    const other = batches(numbered(113), SMALL);
    for (const step of [59, 0, 14, 15, 13, 28, 59]) expect(numbersIn(other.at(step))).toEqual(inOrder[step]);
    expect(numbersIn(other.next())).toEqual(inOrder[0]);
    other.seek(41);
    expect(numbersIn(other.next())).toEqual(inOrder[41]);
    expect(numbersIn(other.next())).toEqual(inOrder[42]);
    const differently = batches(numbered(113), { ...SMALL, seed: 4 });
    expect(numbersIn(differently.next())).not.toEqual(inOrder[0]);
  });

  it("goes on from a state that went through JSON", () => {
    const series = batches(numbered(113), SMALL);
    for (let step = 0; step < 15; step++) series.next();
    expect(series.state()).toEqual({ epoch: 1, position: 5 });
    const state = JSON.parse(JSON.stringify(series.state())) as ReturnType<typeof series.state>;
    const resumed = batches(numbered(113), SMALL);
    resumed.restore(state);
    for (let step = 0; step < 20; step++) expect(resumed.next()).toEqual(series.next());
    expect(resumed.state()).toEqual(series.state());
  });

  it("writes into an array that it is given", () => {
    const series = batches(numbered(113), SMALL);
    const into = new Float32Array(7 * 784);
    expect(series.next(into)).toBe(into);
    expect(into).toEqual(series.at(0));
    expect(() => series.next(new Float32Array(7 * 784 + 1))).toThrow(ShapeError);
    expect(series.at(1, into)).toBe(into);
    expect(into).toEqual(series.next());
  });

  it("has the tutorial's defaults: 50 of 55,000, the first 5,000 held out", () => {
    const series = batches(digits({ count: 5100 }));
    expect(series.batchSize).toBe(50);
    expect(series.holdOut).toBe(5000);
    expect(series.imagesPerEpoch).toBe(100);
  });

  it.each([
    [60_000, 5000],
    [5050, 5000],
    [5000, 416],
    [600, 50],
    [60, 5],
    [11, 0],
  ])("holds out of %i images %i unless told otherwise: 5,000, of fewer a twelfth", (count, holdOut) => {
    const series = batches(digits({ count }), { batchSize: 10 });
    expect([series.holdOut, series.imagesPerEpoch]).toEqual([holdOut, count - holdOut]);
    expect(series.next()).toEqual(batches(digits({ count }), { batchSize: 10, holdOut }).next());
  });

  it("works with 600 digits as it comes", () => {
    const series = batches(digits({ count: 600 }));
    expect([series.batchSize, series.holdOut, series.imagesPerEpoch]).toEqual([50, 50, 550]);
    expect(series.next()).toHaveLength(50 * 784);
  });

  it("never gives out the 5,000 of a data set that has hardly more", () => {
    const make = (): unknown => batches(digits({ count: 5006 }), { batchSize: 7 });
    expect(make).toThrow(DataError);
    expect(make).toThrow("the data set has 5006 images, too few: 5000 are held out and a batch takes 7");
  });

  // The order of an epoch is part of what makes a run the same everywhere: these numbers never change.
  it("keeps the order it always had", () => {
    expect(numbersIn(batches(numbered(200), { batchSize: 12, seed: 7, holdOut: 0 }).next())).toMatchInlineSnapshot(`
      [
        67,
        11,
        44,
        28,
        66,
        176,
        91,
        63,
        123,
        156,
        141,
        24,
      ]
    `);
  });

  it.each<[string, BatchOptions, typeof ArgumentError | typeof DataError, string]>([
    ["batchSize 0", { batchSize: 0 }, ArgumentError, "batches: batchSize is 0; it must be an integer ≥ 1"],
    ["batchSize 1.5", { batchSize: 1.5 }, ArgumentError, "batches: batchSize is 1.5"],
    ["batchSize NaN", { batchSize: NaN }, ArgumentError, "batches: batchSize is NaN"],
    ["batchSize '50'", { batchSize: "50" as unknown as number }, ArgumentError, "batches: batchSize is 50"],
    ["seed -1", { seed: -1 }, ArgumentError, "seed is -1"],
    ["holdOut -1", { holdOut: -1 }, ArgumentError, "batches: holdOut is -1; it must be an integer ≥ 0"],
    ["holdOut NaN", { holdOut: NaN }, ArgumentError, "batches: holdOut is NaN"],
    ["all held out", { holdOut: 113 }, DataError, "the data set has 113 images, too few: 113 are held out"],
    ["more held out than there are", { holdOut: 5000 }, DataError, "too few: 5000 are held out and a batch takes 7"],
    ["a batch larger than an epoch", { holdOut: 107 }, DataError, "too few: 107 are held out and a batch takes 7"],
  ])("refuses %s", (_, options, type, message) => {
    const make = (): unknown => batches(numbered(113), { batchSize: 7, ...options });
    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });

  it.each([-1, 0.5, NaN, 2 ** 53])("refuses the step %s", (step) => {
    const series = batches(numbered(113), SMALL);
    expect(() => series.at(step)).toThrow(ArgumentError);
    expect(() => {
      series.seek(step);
    }).toThrow(ArgumentError);
  });

  it.each([
    { epoch: 0, position: 100 },
    { epoch: -1, position: 0 },
    { epoch: 2 ** 32, position: 0 },
    { epoch: 0.5, position: 0 },
    { epoch: 0, position: NaN },
  ])("refuses the state %j", (state) => {
    const series = batches(numbered(113), SMALL);
    expect(() => {
      series.restore(state);
    }).toThrow(ArgumentError);
    expect(series.state()).toEqual({ epoch: 0, position: 0 });
  });

  it("refuses to go beyond the last epoch that has an order of its own", () => {
    const series = batches(numbered(113), { ...SMALL, batchSize: 100 });
    expect(series.at(2 ** 32 - 1)).toHaveLength(100 * 784);
    expect(() => series.at(2 ** 32)).toThrow("batches: epoch is 4294967296");
  });
});
