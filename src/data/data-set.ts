import { ArgumentError, DataError } from "../errors.ts";
import { sha256Hex, type Sha256Hash } from "../sha256.ts";

/** Height and width of an image in pixels. */
export const IMAGE_SIDE = 28;

/** Pixels of an image. */
export const IMAGE_PIXELS = 784;

/** Labelled grey images of 28×28 pixels, as bytes: 47 MB for MNIST's 60,000. */
export interface DataSet {
  /** [count·784], row by row, 0 = background, 255 = full ink. */
  readonly images: Uint8Array;
  /** [count], the digit 0 … 9 each image shows. */
  readonly labels: Uint8Array;
  /** Number of images. */
  readonly count: number;
}

/**
 * The data set itself, once it is known to be what its type says (callers in plain JavaScript may pass anything).
 * @throws ArgumentError where it is no data set, DataError where its parts do not fit together
 */
export function checkDataSet(dataset: DataSet): DataSet {
  const { images, labels, count }: Partial<DataSet> = dataset ?? {};
  if (!(images instanceof Uint8Array) || !(labels instanceof Uint8Array) || !Number.isSafeInteger(count)) {
    throw new ArgumentError("data set: it must be { images: Uint8Array, labels: Uint8Array, count: integer }");
  }
  if (images.length !== dataset.count * IMAGE_PIXELS || labels.length !== dataset.count) {
    throw new DataError(
      `data set: count is ${dataset.count} with ${images.length} bytes of images and ${labels.length} labels; ` +
        `it needs count·${IMAGE_PIXELS} and count`,
    );
  }
  return dataset;
}

/**
 * SHA-256 of the images' bytes followed by the labels', as 64 hex digits: what checkpoints carry, so that a run cannot
 * be resumed on other data.
 */
export async function dataSetDigest(dataset: DataSet): Promise<string> {
  return await dataSetDigestBy(undefined, dataset);
}

/** The same by a platform's own hash; undefined takes the library's. */
export async function dataSetDigestBy(hash: Sha256Hash | undefined, dataset: DataSet): Promise<string> {
  const { images, labels } = checkDataSet(dataset);
  return await sha256Hex([images, labels], hash);
}
