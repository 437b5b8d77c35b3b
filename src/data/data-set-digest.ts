import { sha256Hex } from "../engine/sha256.ts";
import type { DataSet } from "./data-set.ts";
import { DrawnDataSet } from "./drawn-data-set.ts";
import { checkDataSet } from "./image-source.ts";

/**
 * SHA-256 of the images' bytes followed by the labels', as 64 hex digits. Checkpoints carry it, so that a run cannot be
 * resumed on other data. Draws all images of drawn digits.
 */
export async function dataSetDigest(dataset: DataSet): Promise<string> {
  const { images, labels } = checkDataSet(dataset);
  return await sha256Hex([images, labels]);
}

/**
 * 64 hex digits that no other data set has. Drawn digits have the number of digits/identity.ts, and none is drawn for
 * it; every other data set has its dataSetDigest.
 */
export async function dataSetIdentity(dataset: DataSet): Promise<string> {
  return dataset instanceof DrawnDataSet ? dataset.identity : await dataSetDigest(dataset);
}
