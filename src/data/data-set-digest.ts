import { sha256Hex } from "../engine/sha256.ts";
import type { DataSet } from "./data-set.ts";
import { DrawnDataSet } from "./drawn-data-set.ts";
import { checkDataSet } from "./image-source.ts";

/**
 * SHA-256 of the images' bytes followed by the labels', as 64 hex digits: what checkpoints carry, so that a run cannot
 * be resumed on other data. Draws all images of drawn digits.
 */
export async function dataSetDigest(dataset: DataSet): Promise<string> {
  const { images, labels } = checkDataSet(dataset);
  return await sha256Hex([images, labels]);
}

/**
 * 64 hex digits that no other data set has: for drawn digits what digits/identity.ts says, without drawing any,
 * otherwise dataSetDigest.
 */
export async function dataSetIdentity(dataset: DataSet): Promise<string> {
  return dataset instanceof DrawnDataSet ? dataset.identity : await dataSetDigest(dataset);
}
