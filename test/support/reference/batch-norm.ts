// Batch norm over all axes but the last, and its gradient.
import type { BatchNormAttributes } from "../../../src/engine/ops/batch-norm.ts";
import { BLOCK_ROWS } from "../../../src/engine/lowering/columns.ts";
import { chosen, reference, TINY, UNIT, type Reference } from "./reference.ts";
import { mapped, zerosOf, type Value } from "./value.ts";

/**
 * The mean over the rows of each channel, with one correction: the mean of equal numbers is that number, in float64
 * too.
 */
function channelMeans(x: Value, channels: number): Value {
  const rows = x.data.length / channels;
  const means = zerosOf([channels]);
  x.data.forEach((value, i) => (means.data[i % channels]! += value / rows));
  const missed = zerosOf([channels]);
  x.data.forEach((value, i) => (missed.data[i % channels]! += value - means.data[i % channels]!));
  return mapped(means, (mean, c) => mean + missed.data[c]! / rows);
}

/** The largest magnitude in each channel, and how far its numbers lie apart. */
function extentOf(x: Value, channels: number): Readonly<Record<"range" | "largest", Float64Array>> {
  const [least, most] = [new Float64Array(channels).fill(Infinity), new Float64Array(channels).fill(-Infinity)];
  x.data.forEach((value, i) => {
    const c = i % channels;
    least[c] = Math.min(least[c]!, value);
    most[c] = Math.max(most[c]!, value);
  });
  return {
    range: most.map((value, c) => value - least[c]!),
    largest: most.map((value, c) => Math.max(Math.abs(value), Math.abs(least[c]!))),
  };
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
 * A block of R rows has a number of its own near its mean, off by R + 3 roundings of a distance from the first row,
 * which the channel's range bounds, and by one of its own. Sums about those numbers are off by a rounding for each row
 * and each block, of how far x lies from the mean (with what the number is off added) or of the square of that; the
 * mean by one of its own besides. Half the variance's relative error is rstd's, and x̂ = (x − mean)·rstd takes both
 * over.
 */
function batchNormBounds(
  [x, beta]: readonly Value[],
  { epsilon }: BatchNormAttributes,
  [y, mean, rstd]: readonly Value[],
): readonly Float64Array[] {
  const channels = beta!.data.length;
  const rows = x!.data.length / channels;
  const [inBlock, blocks] = [Math.min(rows, BLOCK_ROWS), Math.ceil(rows / BLOCK_ROWS)];
  const terms = inBlock + blocks + 8;
  const { range, largest } = extentOf(x!, channels);
  const off = range.map((size, c) => UNIT * ((inBlock + 3) * size + largest[c]!));
  const spread = channelMeans(
    mapped(x!, (value, i) => Math.abs(value - mean!.data[i % channels]!)),
    channels,
  );
  const meanBound = mean!.data.map((value, c) => UNIT * (terms * (spread.data[c]! + off[c]!) + Math.abs(value)) + TINY);
  const rstdRelative = rstd!.data.map((r, c) => {
    const total = 1 / (r * r); // variance + ε
    const deviation = Math.sqrt(Math.max(total - epsilon, 0));
    return (terms * UNIT * (deviation + 2 * off[c]!) ** 2) / (2 * total) + 3 * UNIT;
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

/** relu of batch norm. The same bounds hold, because relu moves no two numbers further apart. */
function batchNormRelu(inputs: readonly Value[], attributes: BatchNormAttributes): readonly Value[] {
  const [y, ...statistics] = batchNorm(inputs, attributes);
  return [mapped(y!, (value) => Math.max(value, 0)), ...statistics];
}

/** dy where relu let y through, with y as float32 has it: next to 0, y in float64 may have another sign. */
function passed([dy, x, mean, rstd, beta]: readonly Value[]): Value {
  const channels = mean!.data.length;
  const f = Math.fround;
  return mapped(dy!, (d, i) => {
    const c = i % channels;
    const y = f(f(f(x!.data[i]! - mean!.data[c]!) * rstd!.data[c]!) + beta!.data[c]!);
    return y > 0 ? d : 0;
  });
}

/** True if relu follows. */
interface Followed {
  readonly relu?: true;
}

const plain = reference<BatchNormAttributes>({ values: batchNorm, bounds: batchNormBounds });

const withRelu = reference<BatchNormAttributes>({
  values: batchNormRelu,
  bounds: (inputs, attributes) => batchNormBounds(inputs, attributes, batchNorm(inputs, attributes)),
});

const plainGradient: Reference = { values: batchNormGrad, bounds: batchNormGradBounds };

const gradientWithRelu: Reference = {
  values: (inputs) => batchNormGrad([passed(inputs), ...inputs.slice(1)]),
  bounds: (inputs) => batchNormGradBounds([passed(inputs), ...inputs.slice(1)]),
};

/** Batch norm by name. */
export const batchNorms: Readonly<Record<string, Reference>> = {
  batchNorm: chosen(({ relu }: Followed) => (relu ? withRelu : plain)),
  batchNormGrad: chosen(({ relu }: Followed) => (relu ? gradientWithRelu : plainGradient)),
};
