import { ArgumentError, DataError } from "../engine/errors.ts";
import { IMAGE_PIXELS, type DataSet } from "./data-set.ts";
import { readIdxImages, readIdxLabels } from "./idx.ts";

/** The names of the two files in errors: their paths, if they have any. */
export interface FileNames {
  readonly images: string;
  readonly labels: string;
}

/**
 * A data set from the bytes of two IDX files, each gzip or not: MNIST's training files give 60,000 images, its test
 * files 10,000. Nothing is read beyond what the header announces, and no header may announce more than 60,000 images.
 * @throws FormatError for a file that is truncated, damaged, swapped with the other, too large or no IDX file of 28×28
 * images or labels 0 to 9, DataError where the files have different counts, ArgumentError where they are no bytes
 */
export async function mnist(
  images: Uint8Array | ArrayBuffer,
  labels: Uint8Array | ArrayBuffer,
  names: FileNames = { images: "mnist: the images file", labels: "mnist: the labels file" },
): Promise<DataSet> {
  const pixels = await readIdxImages(checkBytes(images, names.images), names.images);
  const digits = await readIdxLabels(checkBytes(labels, names.labels), names.labels);
  const count = pixels.length / IMAGE_PIXELS;
  if (digits.length !== count) {
    throw new DataError(`${names.images} has ${count} images and ${names.labels} has ${digits.length} labels`);
  }
  return { images: pixels, labels: digits, count };
}

function checkBytes(bytes: Uint8Array | ArrayBuffer, name: string): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  throw new ArgumentError(`${name} is ${typeof bytes}; its bytes must be a Uint8Array or an ArrayBuffer`);
}
