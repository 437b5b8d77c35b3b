import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MnistPart } from "../../../src/cli/data/mnist-files.ts";
import { readMnistFolder } from "../../../src/cli/data/mnist-folder.ts";
import { digits } from "../../../src/data/index.ts";
import { DataError, FormatError } from "../../../src/engine/errors.ts";
import { idxImages, idxLabels } from "../../data/idx-bytes.ts";
import { HAS_REAL_MNIST, REAL_MNIST } from "../../data/real-mnist.ts";

const TRAIN = digits({ seed: 1, count: 20 });
const TEST = digits({ seed: 2, count: 10 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wasm-gan-folder-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, bytes: Uint8Array): void {
  writeFileSync(join(folder, name), bytes);
}

async function failure(path: string = folder, part: MnistPart = "train"): Promise<Error> {
  return await readMnistFolder(path, part).then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error as Error,
  );
}

describe("readMnistFolder", () => {
  it("reads the two files of either set by their usual names", async () => {
    put("train-images-idx3-ubyte", idxImages(TRAIN.images));
    put("train-labels-idx1-ubyte", idxLabels(TRAIN.labels));
    put("t10k-images-idx3-ubyte", idxImages(TEST.images));
    put("t10k-labels-idx1-ubyte", idxLabels(TEST.labels));
    expect(await readMnistFolder(folder, "train")).toEqual(TRAIN);
    expect(await readMnistFolder(folder, "test")).toEqual(TEST);
  });

  it("reads packed files, names with a dot, and training files alone", async () => {
    put("train-images.idx3-ubyte.gz", gzipSync(idxImages(TRAIN.images)));
    put("train-labels.idx1-ubyte", idxLabels(TRAIN.labels));
    expect(await readMnistFolder(folder, "train")).toEqual(TRAIN);
  });

  it("does not look at the files of the other set, which may be damaged or half there", async () => {
    put("train-images-idx3-ubyte", idxImages(TRAIN.images));
    put("train-labels-idx1-ubyte", idxLabels(TRAIN.labels));
    put("t10k-images-idx3-ubyte", new Uint8Array(3));
    expect(await readMnistFolder(folder, "train")).toEqual(TRAIN);
    expect(await failure(folder, "test")).toBeInstanceOf(DataError);
  });

  it("passes over folders that have a file's name, as some archives unpack to", async () => {
    mkdirSync(join(folder, "train-images-idx3-ubyte"));
    put("train-images-idx3-ubyte.gz", gzipSync(idxImages(TRAIN.images)));
    put("train-labels-idx1-ubyte.gz", gzipSync(idxLabels(TRAIN.labels)));
    expect(await readMnistFolder(folder, "train")).toEqual(TRAIN);
  });

  it("names what is missing", async () => {
    expect(await failure()).toEqual(
      new DataError(`data folder ${folder} has no train-images-idx3-ubyte, packed (.gz) or not`),
    );
    put("train-images-idx3-ubyte", idxImages(TRAIN.images));
    expect((await failure()).message).toBe(`data folder ${folder} has no train-labels-idx1-ubyte, packed (.gz) or not`);
    put("train-labels-idx1-ubyte", idxLabels(TRAIN.labels));
    put("t10k-labels-idx1-ubyte", idxLabels(TEST.labels));
    expect((await failure(folder, "test")).message).toBe(
      `data folder ${folder} has no t10k-images-idx3-ubyte, packed (.gz) or not`,
    );
  });

  it("says that a folder is not there, or is none", async () => {
    const missing = await failure(join(folder, "nowhere"));
    expect(missing).toBeInstanceOf(DataError);
    expect(missing.message).toBe(`data folder ${join(folder, "nowhere")} does not exist`);
    put("file", new Uint8Array(1));
    expect((await failure(join(folder, "file"))).message).toBe(`data folder ${join(folder, "file")} is not a folder`);
    const under = await failure(join(folder, "file", "under"));
    expect(under).toBeInstanceOf(DataError);
    expect(under.message).toContain("cannot be read: ENOTDIR");
  });

  it("names the damaged file by its path", async () => {
    put("train-images-idx3-ubyte", idxLabels(TRAIN.labels));
    put("train-labels-idx1-ubyte", idxImages(TRAIN.images));
    const swapped = await failure();
    expect(swapped).toBeInstanceOf(FormatError);
    expect(swapped.message).toContain(`${join(folder, "train-images-idx3-ubyte")} is an IDX file of labels`);
  });

  it("does not read a file that is larger than MNIST's can be", async () => {
    put("train-images-idx3-ubyte", idxImages(TRAIN.images));
    truncateSync(join(folder, "train-images-idx3-ubyte"), 50_000_000_000);
    const error = await failure();
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain("is larger than any file of MNIST, which have 47040016 bytes at most");
  });

  it.skipIf(!HAS_REAL_MNIST)("reads real MNIST (skipped where ../shared/data/mnist is not there)", async () => {
    const [train, test] = [await readMnistFolder(REAL_MNIST, "train"), await readMnistFolder(REAL_MNIST, "test")];
    expect([train.count, test.count]).toEqual([60_000, 10_000]);
  });
});
