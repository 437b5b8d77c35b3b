import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { dataSetDigest, digits, type DataSet } from "../../src/data/index.ts";
import { ArgumentError, DataError } from "../../src/engine/errors.ts";

const SET = digits({ count: 20 });

describe("dataSetDigest", () => {
  it("is SHA-256 of images and labels", async () => {
    const hash = createHash("sha256").update(SET.images).update(SET.labels).digest("hex");
    expect(await dataSetDigest(SET)).toBe(hash);
  });

  it("changes with one pixel and with one label", async () => {
    const [images, labels] = [SET.images.slice(), SET.labels.slice()];
    images[5000]! ^= 1;
    labels[19]! ^= 1;
    const all = await Promise.all([SET, { ...SET, images }, { ...SET, labels }].map(dataSetDigest));
    expect(new Set(all).size).toBe(3);
  });

  it.each<[string, unknown, typeof ArgumentError | typeof DataError]>([
    ["nothing", undefined, ArgumentError],
    ["null", null, ArgumentError],
    ["arrays of another kind", { ...SET, images: [...SET.images] }, ArgumentError],
    ["no count", { images: SET.images, labels: SET.labels }, ArgumentError],
    ["another count", { ...SET, count: 21 }, DataError],
    ["missing labels", { ...SET, labels: SET.labels.subarray(1) }, DataError],
  ])("refuses %s", async (_, dataset, type) => {
    await expect(dataSetDigest(dataset as DataSet)).rejects.toThrow(type);
  });
});
