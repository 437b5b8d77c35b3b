/** Data for `wasm-gan`: MNIST's files, drawn digits that need no files, and the batches that training takes of them. */
export { batches, Batches, type BatchOptions, type BatchState } from "./batches.ts";
export type { DataSet } from "./data-set.ts";
export { dataSetDigest } from "./data-set-digest.ts";
export { digits, type DigitsOptions } from "./digits.ts";
export { mnist, type FileNames } from "./mnist.ts";
