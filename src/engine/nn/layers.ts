import { ArgumentError, ShapeError } from "../errors.ts";
import type { Initializer } from "../graph/initializer.ts";
import type { Tensor } from "../graph/tensor.ts";
import { addBias } from "../ops/add-bias.ts";
import { conv2dTranspose, type Conv2dTransposeOptions } from "../ops/conv2d-transpose.ts";
import { conv2d, type Conv2dOptions } from "../ops/conv2d.ts";
import { matMul } from "../ops/mat-mul.ts";
import { formatShape } from "../shape.ts";
import { pairOf, type Pair } from "../window.ts";
import { truncatedNormal, zeros } from "./initializers.ts";

/** The initial values of a layer's variables; by default a truncated normal of σ 0.02, and zeros for the bias. */
export interface LayerInitializers {
  readonly weights?: Initializer;
  readonly bias?: Initializer;
}

/**
 * x·weights + bias: x [batch, features] → [batch, units]. Its variables are `name`/weights and `name`/bias.
 * @throws ShapeError unless x is a matrix of known width, ArgumentError for units, VariableError for a name in use.
 */
export function dense(x: Tensor, name: string, units: number, initializers: LayerInitializers = {}): Tensor {
  const { weights = truncatedNormal(0.02), bias = zeros() } = initializers;
  const features = x.shape[1];
  if (x.shape.length !== 2 || features === null || features === undefined) {
    throw new ShapeError(`dense ${name}: x ${formatShape(x.shape)} is not [batch, features] of known width`);
  }
  checkCount(`dense ${name}: units`, units);
  return x.graph.variableScope(name, {}, () => {
    const product = matMul(x, x.graph.getVariable("weights", [features, units], weights));
    return addBias(product, x.graph.getVariable("bias", [units], bias));
  });
}

/** A convolution layer's window and variables. */
export interface ConvolutionOptions extends Conv2dOptions, LayerInitializers {
  /** Height and width of the filter; default 3. */
  readonly window?: number | Pair;
}

/**
 * conv2d(x, filter) + bias: x [batch, height, width, inChannels] → [batch, outHeight, outWidth, channels]. Its
 * variables are `name`/filter and `name`/bias.
 * @throws ShapeError unless x has four axes and known channels, ArgumentError for options, VariableError for a name in
 * use.
 */
export function convolution(x: Tensor, name: string, channels: number, options: ConvolutionOptions = {}): Tensor {
  const { window = 3, weights = truncatedNormal(0.02), bias = zeros(), ...convolutionOptions } = options;
  const layer = `convolution ${name}`;
  const inChannels = knownChannels(layer, x);
  checkCount(`${layer}: channels`, channels);
  const filterShape = [...pairOf(layer, "window", window), inChannels, channels];
  return x.graph.variableScope(name, {}, () => {
    const y = conv2d(x, x.graph.getVariable("filter", filterShape, weights), convolutionOptions);
    return addBias(y, x.graph.getVariable("bias", [channels], bias));
  });
}

/** A transposed convolution layer's window and variables. */
export interface ConvolutionTransposeOptions extends Conv2dTransposeOptions, LayerInitializers {
  /** Height and width of the filter; default 3. */
  readonly window?: number | Pair;
}

/**
 * conv2dTranspose(x, filter) + bias: x [batch, height, width, inChannels] → [batch, outHeight, outWidth, channels]. Its
 * variables are `name`/filter [height, width, channels, inChannels] and `name`/bias.
 * @throws ShapeError unless x has four axes and known channels, ArgumentError for options, VariableError for a name in
 * use.
 */
export function convolutionTranspose(
  x: Tensor,
  name: string,
  channels: number,
  options: ConvolutionTransposeOptions = {},
): Tensor {
  const { window = 3, weights = truncatedNormal(0.02), bias = zeros(), ...convolutionOptions } = options;
  const layer = `convolutionTranspose ${name}`;
  const inChannels = knownChannels(layer, x);
  checkCount(`${layer}: channels`, channels);
  const filterShape = [...pairOf(layer, "window", window), channels, inChannels];
  return x.graph.variableScope(name, {}, () => {
    const y = conv2dTranspose(x, x.graph.getVariable("filter", filterShape, weights), convolutionOptions);
    return addBias(y, x.graph.getVariable("bias", [channels], bias));
  });
}

/** @throws ShapeError unless x has four axes and known channels. */
function knownChannels(layer: string, x: Tensor): number {
  const channels = x.shape[3];
  if (x.shape.length !== 4 || channels === null || channels === undefined) {
    throw new ShapeError(`${layer}: x ${formatShape(x.shape)} is not [batch, height, width, known channels]`);
  }
  return channels;
}

function checkCount(what: string, count: number): void {
  if (!Number.isInteger(count) || count < 1) throw new ArgumentError(`${what} is ${count}, not an integer ≥ 1`);
}
