import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataSetDigest, digits, mnist, type DataSet } from "../../src/data/index.ts";
import { DataError, FormatError, UnsupportedError } from "../../src/engine/errors.ts";
import { idxImages, idxLabels } from "./idx-bytes.ts";
import { HAS_REAL_MNIST, realMnist } from "./real-mnist.ts";

const SET = digits({ seed: 3, count: 30 });
const IMAGES = idxImages(SET.images);
const LABELS = idxLabels(SET.labels);

/** What a promise is rejected with. */
async function rejection(promise: Promise<unknown>): Promise<Error> {
  return await promise.then(
    () => expect.unreachable("it was not rejected"),
    (error: unknown) => error as Error,
  );
}

const unhandled: unknown[] = [];
const remember = (reason: unknown): void => {
  unhandled.push(reason);
};
beforeAll(() => void process.on("unhandledRejection", remember));
afterAll(async () => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.off("unhandledRejection", remember);
  expect(unhandled).toEqual([]);
});

describe("mnist", () => {
  it("reads files as they are, packed, and one of each", async () => {
    expect(await mnist(IMAGES, LABELS)).toEqual(SET);
    expect(await mnist(gzipSync(IMAGES), gzipSync(LABELS))).toEqual(SET);
    expect(await mnist(gzipSync(IMAGES), LABELS)).toEqual(SET);
  });

  it("takes ArrayBuffers, and views into the middle of one", async () => {
    const buffer = new Uint8Array(IMAGES.length + 20);
    buffer.set(IMAGES, 20);
    expect(await mnist(buffer.subarray(20), LABELS.slice().buffer)).toEqual(SET);
    expect(await mnist(gzipSync(IMAGES).subarray(0), LABELS)).toEqual(SET);
  });

  it("does not give out the caller's own bytes", async () => {
    const set = await mnist(IMAGES, LABELS);
    expect(set.images.buffer).not.toBe(IMAGES.buffer);
    const buffer = Buffer.from(IMAGES.buffer, IMAGES.byteOffset, IMAGES.length);
    const fromBuffer = await mnist(buffer, LABELS);
    expect(fromBuffer).toEqual(SET);
    expect(fromBuffer.images.buffer).not.toBe(IMAGES.buffer);
  });

  const half = SET.images.slice(0, 15 * 784);
  it.each<[string, Uint8Array, Uint8Array, typeof FormatError | typeof DataError, string]>([
    [
      "swapped files",
      LABELS,
      IMAGES,
      FormatError,
      "images file is an IDX file of labels: its magic number is 2049, that of images is 2051",
    ],
    [
      "images for labels",
      IMAGES,
      IMAGES,
      FormatError,
      "labels file is an IDX file of images: its magic number is 2051, that of labels is 2049",
    ],
    ["something else", new Uint8Array(100), LABELS, FormatError, "images file is no IDX file: its magic number is 0"],
    [
      "an empty file",
      new Uint8Array(0),
      LABELS,
      FormatError,
      "images file is truncated: 4 more bytes were expected, 0 are there",
    ],
    [
      "a cut header",
      IMAGES.subarray(0, 10),
      LABELS,
      FormatError,
      "images file is truncated: 4 more bytes were expected, 2 are there",
    ],
    [
      "cut images",
      IMAGES.subarray(0, 1016),
      LABELS,
      FormatError,
      "images file is truncated: 23520 more bytes were expected, 1000 are there",
    ],
    [
      "cut labels",
      IMAGES,
      LABELS.subarray(0, 20),
      FormatError,
      "labels file is truncated: 30 more bytes were expected, 12 are there",
    ],
    [
      "cut packed images",
      gzipSync(IMAGES).subarray(0, 3000),
      LABELS,
      FormatError,
      "images file is gzip, but damaged or truncated",
    ],
    [
      "a cut gzip trailer",
      IMAGES,
      gzipSync(LABELS).subarray(0, -3),
      FormatError,
      "labels file is gzip, but damaged or truncated",
    ],
    [
      "images of another size",
      idxImages(SET.images, { height: 56, width: 14 }),
      LABELS,
      FormatError,
      "images file has images of 56×14 pixels; MNIST's are 28×28",
    ],
    [
      "no images",
      idxImages(new Uint8Array(0)),
      LABELS,
      FormatError,
      "images file announces 0 elements; MNIST's files have 1 to 60000",
    ],
    [
      "too many images",
      idxImages(SET.images, { count: 60_001 }),
      LABELS,
      FormatError,
      "images file announces 60001 elements",
    ],
    [
      "too many labels",
      IMAGES,
      idxLabels(SET.labels, { count: 0xffff_ffff }),
      FormatError,
      "labels file announces 4294967295 elements",
    ],
    [
      "images after the last",
      idxImages(SET.images, { count: 29 }),
      LABELS,
      FormatError,
      "images file goes on after the images that its header announces",
    ],
    [
      "labels after the last",
      IMAGES,
      gzipSync(idxLabels(SET.labels, { count: 29 })),
      FormatError,
      "labels file goes on after the labels",
    ],
    [
      "a label above 9",
      IMAGES,
      idxLabels(SET.labels.map((label, i) => (i === 7 ? 10 : label))),
      FormatError,
      "labels file: label 7 is 10; labels are 0 to 9",
    ],
    [
      "other numbers of images and labels",
      idxImages(half),
      LABELS,
      DataError,
      "images file has 15 images and mnist: the labels file has 30 labels",
    ],
  ])("refuses %s", async (_, images, labels, type, message) => {
    const error = await rejection(mnist(images, labels));
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("\n");
  });

  it("refuses packed files in which a single bit is wrong", async () => {
    const packed = gzipSync(IMAGES);
    for (const at of [40, packed.length >> 1, packed.length - 6]) {
      const damaged = Uint8Array.from(packed);
      damaged[at]! ^= 4;
      expect(await rejection(mnist(damaged, LABELS))).toBeInstanceOf(FormatError);
    }
  });

  it("stops a gzip bomb at the first byte that nobody asked for", async () => {
    const header = idxImages(new Uint8Array(10 * 784));
    const bomb = gzipSync(Buffer.concat([header, new Uint8Array(300_000_000)]), { level: 1 });
    const before = process.memoryUsage();
    const error = await rejection(mnist(bomb, LABELS));
    const after = process.memoryUsage();
    expect(error.message).toContain("images file goes on after the images that its header announces");
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(30_000_000);
  });

  it("refuses what is no bytes", async () => {
    const error = await rejection(mnist("train-images" as unknown as Uint8Array, LABELS));
    expect(error.message).toBe("mnist: the images file is string; its bytes must be a Uint8Array or an ArrayBuffer");
  });

  it("calls the files by the names it was given", async () => {
    const error = await rejection(mnist(IMAGES, new Uint8Array(2), { images: "a/images", labels: "a/labels" }));
    expect(error.message).toBe("a/labels is truncated: 4 more bytes were expected, 2 are there");
  });

  it("says what to do where the engine cannot unpack", async () => {
    const { DecompressionStream } = globalThis;
    Reflect.deleteProperty(globalThis, "DecompressionStream");
    try {
      expect(await mnist(IMAGES, LABELS)).toEqual(SET);
      expect(await rejection(mnist(gzipSync(IMAGES), LABELS))).toBeInstanceOf(UnsupportedError);
    } finally {
      globalThis.DecompressionStream = DecompressionStream;
    }
  });
});

describe.skipIf(!HAS_REAL_MNIST)("real MNIST (skipped where ../shared/data/mnist is not there)", () => {
  const read = async (name: string): Promise<DataSet> =>
    await mnist(realMnist(`${name}-images-idx3-ubyte`), realMnist(`${name}-labels-idx1-ubyte`));

  it("is read as its makers wrote it", async () => {
    const train = await read("train");
    expect(train.count).toBe(60_000);
    expect([...train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect(train.images.reduce((sum, pixel) => sum + pixel, 0) / train.images.length / 255).toBeCloseTo(0.1307, 4);
    const test = await read("t10k");
    expect(test.count).toBe(10_000);
    expect([...test.labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  });

  it("has a digest", async () => {
    const digest = await dataSetDigest(await read("t10k"));
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });
});
