// Kernel calls of batch norm and of its gradient, with and without a relu that follows.
import type { Buffer } from "../program/buffer.ts";
import type { Emitter } from "../program/emitter.ts";
import { combineBlocks, partialSums } from "./columns.ts";

/** y = (x − mean)·rstd + beta, then relu if asked; y may take x's memory. Two passes: statistics, then y. */
export function lowerBatchNorm(
  emit: Emitter,
  y: Buffer,
  [x, beta]: readonly [Buffer, Buffer],
  epsilon: number,
  relu: boolean,
  [mean, rstd]: readonly Buffer[],
): void {
  const channels = beta.size;
  const rows = x.size / channels;
  const partial = partialSums(emit, rows, 3 * channels);
  emit.call("columnMoments", [partial, x, rows, channels], partial.shape[0]!);
  emit.call("combineMoments", [mean!, rstd!, partial, rows, channels, epsilon], channels);
  emit.inPlace(y, x);
  emit.call("batchNorm", [y, x, mean!, rstd!, beta, channels, Number(relu)], rows);
}

/**
 * dx, and dBeta, from dy and what the forward pass kept. If relu followed, beta tells which elements of dy passed it.
 * dx may take dy's memory. Two passes: both sums of each channel, then dx.
 */
export function lowerBatchNormGrad(
  emit: Emitter,
  dx: Buffer,
  [dy, x, mean, rstd]: readonly [Buffer, Buffer, Buffer, Buffer],
  beta: Buffer | undefined,
  dBeta: Buffer,
): void {
  const channels = mean.size;
  const rows = x.size / channels;
  const offset = beta ?? mean;
  const relu = Number(beta !== undefined);
  const partial = partialSums(emit, rows, 2 * channels);
  const sums = emit.scratch([2, channels]);
  emit.alias(dBeta, sums.part(0, channels));
  emit.call("batchNormGradSums", [partial, dy, x, mean, rstd, offset, rows, channels, relu], partial.shape[0]!);
  combineBlocks(emit, sums, partial, 1);
  emit.inPlace(dx, dy);
  emit.call("batchNormGrad", [dx, dy, x, mean, rstd, offset, sums, rows, channels, relu], rows);
}
