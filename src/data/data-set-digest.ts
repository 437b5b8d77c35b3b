import { sha256Hex, type Sha256Hash } from "../engine/sha256.ts";
import type { DataSet } from "./data-set.ts";
import { DrawnDataSet } from "./drawn-data-set.ts";
import { checkDataSet } from "./image-source.ts";

/**
 * SHA-256 of the images' bytes followed by the labels', as 64 hex digits: what checkpoints carry, so that a run cannot
 * be resumed on other data. Draws all images of drawn digits.
 */
export async function dataSetDigest(dataset: DataSet): Promise<string> {
  return await dataSetDigestBy(undefined, dataset);
}

/** The same by a platform's own hash; undefined takes the library's. */
export async function dataSetDigestBy(hash: Sha256Hash | undefined, dataset: DataSet): Promise<string> {
  const { images, labels } = checkDataSet(dataset);
  return await sha256Hex([images, labels], hash);
}

/**
 * 64 hex digits that no other data set has: for drawn digits what digits/identity.ts says, without drawing any,
 * otherwise dataSetDigestBy.
 */
export async function dataSetIdentityBy(hash: Sha256Hash | undefined, dataset: DataSet): Promise<string> {
  return dataset instanceof DrawnDataSet ? dataset.identity : await dataSetDigestBy(hash, dataset);
}
