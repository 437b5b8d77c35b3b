// A convolution's three passes as matrix products on patches (im2col), chunk by chunk so that the patches stay in the
// processor's cache:
//
//   columns [rows, taps]   row = one output position, taps = filterHeight·filterWidth·inChannels of its patch
//   forward        y       [rows, outChannels]  = columns · filter
//   filter grad    dFilter [taps, outChannels]  = columnsᵀ · dy, chunk after chunk
//   input grad     dx      = col2im(dy · filterᵀ), or itself a convolution of dy where that costs less
import type { Buffer } from "../../compile/core/buffer.ts";
import type { Emitter } from "../../compile/core/emitter.ts";
import type { WindowGeometry } from "../../window.ts";
import { geometryTable } from "./geometry-table.ts";
import { emitPanelProduct, emitProduct } from "./product.ts";

/** Floats of patches that one chunk may hold: 1 MiB, about half an L2 cache. */
const CHUNK_FLOATS = 262_144;

/** Rows of a chunk come in multiples of the block over which a product sums. */
const ROW_BLOCK = 256;

/** A stretch of rows of the patch matrix. */
interface Chunk {
  readonly first: number;
  readonly count: number;
}

/** y = x ∗ filter.  filter [filterHeight, filterWidth, inChannels, outChannels]. */
export function emitConvolution(emit: Emitter, y: Buffer, x: Buffer, filter: Buffer, g: WindowGeometry): void {
  const [taps, n] = [tapsOf(g), filter.size / tapsOf(g)];
  const panels = emit.panels(filter, taps, n, false);
  forEachPatchChunk(emit, x, g, (columns, { first, count }) => {
    emitPanelProduct(emit, y.part(first * n, count * n), columns, panels, { m: count, n, k: taps });
  });
}

/** dFilter = columnsᵀ · dy, added to what dFilter holds if asked. */
export function emitFilterGradient(
  emit: Emitter,
  dFilter: Buffer,
  x: Buffer,
  dy: Buffer,
  g: WindowGeometry,
  accumulate: boolean,
): void {
  const [taps, n] = [tapsOf(g), dFilter.size / tapsOf(g)];
  forEachPatchChunk(emit, x, g, (columns, { first, count }) => {
    const product = { m: taps, n, k: count, transposeA: true, accumulate: accumulate || first > 0 };
    emitProduct(emit, dFilter, columns, dy.part(first * n, count * n), product);
  });
}

/** dx from dy, the adjoint of emitConvolution in x. */
export function emitInputGradient(emit: Emitter, dx: Buffer, dy: Buffer, filter: Buffer, g: WindowGeometry): void {
  if (isCorrelation(g)) emitCorrelation(emit, dx, dy, filter, g);
  else emitScatteredPatches(emit, dx, dy, filter, g);
}

/**
 * The choice between the two input gradients: with stride 1 it is a convolution of dy by the flipped filter, and with
 * enough input channels to fill a register tile that costs less than spreading patches.
 */
function isCorrelation(g: WindowGeometry): boolean {
  return g.strideHeight === 1 && g.strideWidth === 1 && g.inChannels >= 16;
}

function emitCorrelation(emit: Emitter, dx: Buffer, dy: Buffer, filter: Buffer, g: WindowGeometry): void {
  const outChannels = filter.size / tapsOf(g);
  const flipped = emit.scratch([g.filterHeight, g.filterWidth, outChannels, g.inChannels]);
  const flipArguments = [flipped, filter, g.filterHeight, g.filterWidth, g.inChannels, outChannels] as const;
  emit.call("flipFilter", [...flipArguments], g.filterHeight * g.filterWidth);
  emitConvolution(emit, dx, dy, flipped, {
    ...g,
    inHeight: g.outHeight,
    inWidth: g.outWidth,
    inChannels: outChannels,
    padTop: g.filterHeight - 1 - g.padTop,
    padLeft: g.filterWidth - 1 - g.padLeft,
    outHeight: g.inHeight,
    outWidth: g.inWidth,
  });
}

function emitScatteredPatches(emit: Emitter, dx: Buffer, dy: Buffer, filter: Buffer, g: WindowGeometry): void {
  const [taps, n] = [tapsOf(g), filter.size / tapsOf(g)];
  const panels = emit.panels(filter, n, taps, true);
  if (isPointwise(g)) {
    emitPanelProduct(emit, dx, dy, panels, { m: rowsOf(g), n: taps, k: n });
    return;
  }
  const geometry = geometryTable(emit, g);
  const rowsPerImage = g.outHeight * g.outWidth;
  const imagesPerChunk = Math.max(1, Math.floor(CHUNK_FLOATS / (rowsPerImage * taps)));
  const columns = emit.scratch([imagesPerChunk * rowsPerImage, taps]);
  for (let image = 0; image < g.batch; image += imagesPerChunk) {
    const images = Math.min(imagesPerChunk, g.batch - image);
    const [first, count] = [image * rowsPerImage, images * rowsPerImage];
    emitPanelProduct(emit, columns, dy.part(first * n, count * n), panels, { m: count, n: taps, k: n });
    emit.call("col2im", [dx, columns, geometry, image], images);
  }
}

/** Gathers the patches chunk by chunk; a pointwise convolution's patches are x itself. */
function forEachPatchChunk(
  emit: Emitter,
  x: Buffer,
  g: WindowGeometry,
  body: (columns: Buffer, chunk: Chunk) => void,
): void {
  const rows = rowsOf(g);
  if (isPointwise(g)) {
    body(x, { first: 0, count: rows });
    return;
  }
  const taps = tapsOf(g);
  const geometry = geometryTable(emit, g);
  const rowsPerChunk = Math.min(rows, ROW_BLOCK * Math.max(1, Math.floor(CHUNK_FLOATS / (taps * ROW_BLOCK))));
  const columns = emit.scratch([rowsPerChunk, taps]);
  for (let first = 0; first < rows; first += rowsPerChunk) {
    const count = Math.min(rowsPerChunk, rows - first);
    emit.call("im2col", [columns, x, geometry, first], count);
    body(columns, { first, count });
  }
}

function isPointwise(g: WindowGeometry): boolean {
  return g.filterHeight === 1 && g.filterWidth === 1 && g.strideHeight === 1 && g.strideWidth === 1;
}

function tapsOf(g: WindowGeometry): number {
  return g.filterHeight * g.filterWidth * g.inChannels;
}

function rowsOf(g: WindowGeometry): number {
  return g.batch * g.outHeight * g.outWidth;
}
