import { ArgumentError, DataError } from "../engine/errors.ts";
import { IMAGE_PIXELS, type DataSet } from "./data-set.ts";
import { DrawnDataSet } from "./drawn-data-set.ts";

/** A data set for a reader that takes one image at a time. */
export interface ImageSource {
  readonly count: number;
  /** [count·784]. Image i is there after drawImage(i). */
  readonly pixels: Uint8Array;
  drawImage(index: number): void;
}

/** Draws nothing by itself. @throws the errors of checkDataSet */
export function imageSource(dataset: DataSet): ImageSource {
  if (dataset instanceof DrawnDataSet) return dataset;
  const { images, count } = checkDataSet(dataset);
  return { count, pixels: images, drawImage: () => undefined };
}

/**
 * Returns the data set after a check of its type and parts: callers in plain JavaScript may pass anything. Draws
 * nothing.
 * @throws ArgumentError if it is no data set, DataError if its parts do not fit together
 */
export function checkDataSet(dataset: DataSet): DataSet {
  if (dataset instanceof DrawnDataSet) return dataset;
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
