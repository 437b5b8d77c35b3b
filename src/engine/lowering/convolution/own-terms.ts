// The largest error of a convolution's output, whatever algorithm makes it, and the values with which the kernels keep
// to it.
//
// A direct sum of k products errs by at most (k + 1)·2⁻²⁴·Σ|xᵢwᵢ| over the output's own terms. The error of a transform
// is relative to the largest numbers in its tile, whatever an output's own terms are. So the kernels sum an output
// again, term by term, where its terms are small beside them (assembly/conv/own-terms.ts), and every output keeps
//
//   |error| ≤ OWN_TERMS_FACTOR · 2⁻²³ · (k + 1) · Σ|xᵢwᵢ|
import type { Buffer } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import { PANEL_COLUMNS } from "../../runtime/sizes.generated.ts";
import { imageDims } from "../../shape.ts";
import type { WindowGeometry } from "../../window.ts";
import { geometryTable } from "./geometry-table.ts";
import { combineBlocks, partialSums } from "../columns.ts";
import { maskWords, type Images, type MaskedPool, type Source } from "./images.ts";
import type { Span } from "../spans.ts";
import { LANES } from "../../runtime/sizes.generated.ts";

/** The largest error of an output, in units of (k + 1)·2⁻²³ of its own terms. */
export const OWN_TERMS_FACTOR = 16;

/** Half an ulp of 1. */
const UNIT = 1 / 16_777_216;

/** No buffer. */
const NONE = 0;

/**
 * The limit in norms: the kernels' `t`. A transform's error is at most `error` units of the norms' products, and an
 * output whose k terms have the sum S of magnitudes may be off by OWN_TERMS_FACTOR·2⁻²³·(k + 1)·S. An output is certain
 * if S is at least t norms. This also covers an S that only the output shows, which is off by up to the error.
 */
export function limitFactor(error: number, terms: number): number {
  return errorFactor(error) * (1 + 1 / (2 * OWN_TERMS_FACTOR * UNIT * (terms + 1)));
}

/** The factor by which the kernels multiply norms to bound an error: their `error`. */
export function errorFactor(error: number): number {
  return error * UNIT;
}

/** Emits, within a task, the facts about each output's window. */
export function windowMagnitudes(
  emit: Emitter,
  geometry: Buffer,
  g: WindowGeometry,
  chunks: readonly Span[],
): (from: Images, images: Span) => Buffer {
  const most = Math.max(...chunks.map(({ count }) => count));
  const line = lineOf(g.outWidth);
  const ofImage = 2 * g.outHeight * line + g.inHeight * lineOf(g.inWidth);
  const magnitudes = emit.local([most * ofImage + LANES], chunks.length);
  const pitch = Math.max(g.padLeft + g.inWidth, line + g.filterWidth) + LANES;
  const scratch = emit.local([2, g.inHeight, pitch], g.batch);
  return (from, { count }) => {
    emit.call("windowMagnitudes", [magnitudes, from.buffer, geometry, from.first, scratch], count);
    return magnitudes;
  };
}

/** The facts about each output channel's weights, made once per program. */
export function filterMagnitudes(emit: Emitter, filter: Buffer): Buffer {
  const [height, width, inChannels, outChannels] = imageDims(filter.shape);
  return emit.derived(filter, `magnitudes ${filter.shape.join("x")}`, () => {
    const channels = Math.ceil(outChannels / PANEL_COLUMNS) * PANEL_COLUMNS;
    const magnitudes = emit.scratch([3, channels]);
    const sizes = [height * width * inChannels, outChannels] as const;
    emit.call("filterMagnitudes", [magnitudes, filter, ...sizes], channels / LANES);
    return magnitudes;
  });
}

/**
 * The operands from which the kernels read a filter gradient's terms: x; dy, or the pooled gradient with its mask and
 * geometry; and the magnitudes of x and dy, channel by channel.
 */
export function gradientTerms(emit: Emitter, x: Source, { tensor, through }: Source): GradientTerms {
  const ofX = channelSquares(emit, x.tensor);
  if (through === undefined) return [x.tensor, tensor, NONE, NONE, ofX, channelSquares(emit, tensor)];
  return [x.tensor, tensor, through.mask, geometryTable(emit, through.geometry), ofX, maskedSquares(emit, through)];
}

/** The kernels' arguments x, dy, mask, pool, xSquares, dySquares. */
type GradientTerms = readonly [Buffer, Buffer, Buffer | number, Buffer | number, Buffer, Buffer];

function channelSquares(emit: Emitter, x: Buffer): Buffer {
  const channels = x.shape[3]!;
  const partial = partialSums(emit, x.size / channels, channels);
  emit.call("channelSquares", [partial, x, x.size / channels, channels], partial.shape[0]!);
  return squaresOf(emit, partial);
}

/** The same numbers for a gradient that is not made as a whole. */
function maskedSquares(emit: Emitter, { pooled, mask, geometry }: MaskedPool): Buffer {
  const { batch, inHeight, inWidth, inChannels } = geometry;
  const partial = partialSums(emit, batch * inHeight * inWidth, inChannels);
  emit.call("maskedAvgPoolGradSums", [partial, pooled, mask, geometryTable(emit, geometry), 1], partial.shape[0]!);
  return squaresOf(emit, partial);
}

function squaresOf(emit: Emitter, partial: Buffer): Buffer {
  const squares = emit.scratch([partial.shape[1]!]);
  combineBlocks(emit, squares, partial, 1);
  return squares;
}

/** The positions at which x and dy are not 0 in any image: the kernels' xBits and dyBits. */
export function occupancies(emit: Emitter, x: Source, { tensor, through }: Source): [Buffer, Buffer] {
  return [
    occupancy(emit, x.tensor),
    through === undefined ? occupancy(emit, tensor) : maskOccupancy(emit, through.mask),
  ];
}

function occupancy(emit: Emitter, x: Buffer): Buffer {
  const [images, height, width, channels] = imageDims(x.shape);
  const bits = emit.scratch([height, width, maskWords(channels)]);
  emit.call("occupancy", [bits, x, images, height * width, channels], height * width);
  return bits;
}

function maskOccupancy(emit: Emitter, mask: Buffer): Buffer {
  const bits = emit.scratch(mask.shape.slice(1));
  emit.call("maskOccupancy", [bits, mask, mask.shape[0]!, bits.size], bits.size);
  return bits;
}

function lineOf(width: number): number {
  return Math.ceil(width / LANES) * LANES;
}
