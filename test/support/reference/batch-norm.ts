// Batch norm over all axes but the last, and its gradient.
import type { BatchNormAttributes } from "../../../src/ops/batch-norm.ts";
import { BLOCK_ROWS } from "../../../src/ops/lowering/columns.ts";
import { reference, TINY, UNIT, type Reference } from "./reference.ts";
import { mapped, zerosOf, type Value } from "./value.ts";

/** The mean over the rows of each channel. */
function channelMeans(x: Value, channels: number): Value {
  const means = zerosOf([channels]);
  const rows = x.data.length / channels;
  x.data.forEach((value, i) => (means.data[i % channels]! += value / rows));
  return means;
}

function batchNorm([x, beta]: readonly Value[], { epsilon }: BatchNormAttributes): readonly Value[] {
  const channels = beta!.data.length;
  const mean = channelMeans(x!, channels);
  const variance = channelMeans(
    mapped(x!, (value, i) => (value - mean.data[i % channels]!) ** 2),
    channels,
  );
  const rstd = mapped(variance, (value) => 1 / Math.sqrt(value + epsilon));
  const y = mapped(x!, (value, i) => {
    const c = i % channels;
    return (value - mean.data[c]!) * rstd.data[c]! + beta!.data[c]!;
  });
  return [y, mean, rstd];
}

/**
 * Sums of R rows are off by (R + 1) roundings of their magnitudes. A mean off by δ makes the variance δ² larger; where
 * there are several blocks of rows, whose own means are taken first and then set against the mean of all, a block's mean off
 * by δ changes its distance from the mean of all, so the variance changes by up to 2σδ more. Half the variance's relative
 * error is rstd's, and x̂ = (x − mean)·rstd takes both over.
 */
function batchNormBounds(
  [x, beta]: readonly Value[],
  { epsilon }: BatchNormAttributes,
  [y, , rstd]: readonly Value[],
): readonly Float64Array[] {
  const channels = beta!.data.length;
  const rows = x!.data.length / channels;
  const sizes = channelMeans(mapped(x!, Math.abs), channels);
  const meanBound = sizes.data.map((size) => (rows + 2) * UNIT * size + TINY);
  const largest = mapped(x!, Math.abs).data.reduce((a, b) => Math.max(a, b), 0);
  const blockMeanBound = rows > BLOCK_ROWS ? (BLOCK_ROWS + 2) * UNIT * largest : 0;
  const rstdRelative = rstd!.data.map((r, c) => {
    const total = 1 / (r * r); // variance + ε
    const variance = total - epsilon;
    const ofMeans = meanBound[c]! ** 2 + 2 * Math.sqrt(Math.max(variance, 0)) * blockMeanBound;
    return (ofMeans + (rows + 4) * UNIT * variance) / (2 * total) + 3 * UNIT;
  });
  const yBound = y!.data.map((value, i) => {
    const c = i % channels;
    const normalized = Math.abs(value - beta!.data[c]!);
    return rstd!.data[c]! * meanBound[c]! + normalized * (rstdRelative[c]! + 2 * UNIT) + UNIT * Math.abs(value) + TINY;
  });
  return [yBound, meanBound, rstd!.data.map((r, c) => r * rstdRelative[c]!)];
}

/** rstd·(dy − Σdy/R − x̂·Σ(dy·x̂)/R), and Σdy; with the magnitudes of all terms it is the bound's sum. */
function batchNormGrad([dy, x, mean, rstd]: readonly Value[]): readonly Value[] {
  const { normalized, dyMean, productMean } = statistics(dy!, x!, mean!, rstd!);
  const channels = mean!.data.length;
  const dx = mapped(dy!, (d, i) => {
    const c = i % channels;
    return rstd!.data[c]! * (d - dyMean.data[c]! - normalized.data[i]! * productMean.data[c]!);
  });
  const rows = x!.data.length / channels;
  return [dx, mapped(dyMean, (value) => value * rows)];
}

function statistics(
  dy: Value,
  x: Value,
  mean: Value,
  rstd: Value,
): Record<"normalized" | "dyMean" | "productMean", Value> {
  const channels = mean.data.length;
  const normalized = mapped(x, (value, i) => (value - mean.data[i % channels]!) * rstd.data[i % channels]!);
  const products = mapped(dy, (d, i) => d * normalized.data[i]!);
  return { normalized, dyMean: channelMeans(dy, channels), productMean: channelMeans(products, channels) };
}

function batchNormGradBounds([dy, x, mean, rstd]: readonly Value[]): readonly Float64Array[] {
  const channels = mean!.data.length;
  const rows = x!.data.length / channels;
  const { normalized } = statistics(dy!, x!, mean!, rstd!);
  const dySize = channelMeans(mapped(dy!, Math.abs), channels);
  const productSize = channelMeans(
    mapped(dy!, (d, i) => Math.abs(d * normalized.data[i]!)),
    channels,
  );
  const dxBound = dy!.data.map((d, i) => {
    const c = i % channels;
    const sums = (rows + 4) * dySize.data[c]! + (rows + 8) * Math.abs(normalized.data[i]!) * productSize.data[c]!;
    return UNIT * Math.abs(rstd!.data[c]!) * (4 * Math.abs(d) + sums) + TINY;
  });
  return [dxBound, dySize.data.map((size) => (rows + 1) * UNIT * rows * size + TINY)];
}

/** relu of it: no further apart than its arguments. */
function batchNormRelu(inputs: readonly Value[], attributes: BatchNormAttributes): readonly Value[] {
  const [y, ...statistics] = batchNorm(inputs, attributes);
  return [mapped(y!, (value) => Math.max(value, 0)), ...statistics];
}

/** dy where relu let y through, as float32 sees y: next to 0 float64 would see another sign. */
function passed([dy, x, mean, rstd, beta]: readonly Value[]): Value {
  const channels = mean!.data.length;
  const f = Math.fround;
  return mapped(dy!, (d, i) => {
    const c = i % channels;
    const y = f(f(f(x!.data[i]! - mean!.data[c]!) * rstd!.data[c]!) + beta!.data[c]!);
    return y > 0 ? d : 0;
  });
}

/** Batch norm by name. */
export const batchNorms: Readonly<Record<string, Reference>> = {
  batchNorm: reference<BatchNormAttributes>({ values: batchNorm, bounds: batchNormBounds }),
  batchNormGrad: { values: batchNormGrad, bounds: batchNormGradBounds },
  batchNormRelu: reference<BatchNormAttributes>({
    values: batchNormRelu,
    bounds: (inputs, attributes) => batchNormBounds(inputs, attributes, batchNorm(inputs, attributes)),
  }),
  batchNormReluGrad: {
    values: (inputs) => batchNormGrad([passed(inputs), ...inputs.slice(1)]),
    bounds: (inputs) => batchNormGradBounds([passed(inputs), ...inputs.slice(1)]),
  },
};
