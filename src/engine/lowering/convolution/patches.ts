// A convolution as a matrix product on patches (im2col), chunk by chunk so that the patches stay in the cache of the
// thread that gathered them:
//
//   columns [rows, taps]   row = one output position, taps = filterHeight·filterWidth·inChannels of its patch
//   forward        y       [rows, outChannels]  = columns · filter
//   filter grad    dFilter [taps, outChannels]  = columnsᵀ · dy, chunk after chunk, in four parts
//   input grad     dx      = col2im(dy · filterᵀ)
import type { Buffer } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import type { WindowGeometry } from "../../window.ts";
import { lowerAddBias } from "../bias.ts";
import type { Epilogue } from "./epilogue.ts";
import { geometryTable } from "./geometry-table.ts";
import type { Images, Source, Target } from "./images.ts";
import { filterProduct, gradientProduct } from "./patch-product.ts";
import { panelsOf } from "../product/panel-layout.ts";
import { emitPanelProduct } from "../product/product.ts";
import { partsOf, spansOf, type Span } from "../spans.ts";
import { binaryView } from "../strided-view.ts";

/** The most floats of patches in one chunk: 512 KiB, a quarter of an L2 cache. */
const CHUNK_FLOATS = 131_072;

/**
 * A piece of a large image has a multiple of this many rows. The number is fixed, because the ends of pieces decide how
 * filter gradients are summed.
 */
const ROW_BLOCK = 64;

/** The patches that are gathered at once: whole images, or a span of the rows of one image that is too large. */
interface Chunk {
  readonly images: Span;
  /** Rows of the patch matrix, counted over the batch. */
  readonly rows: Span;
}

/** y = x ∗ filter, then the epilogue.  filter [filterHeight, filterWidth, inChannels, outChannels]. */
export function emitConvolution(
  emit: Emitter,
  y: Target,
  x: Source,
  filter: Buffer,
  g: WindowGeometry,
  epilogue?: Epilogue,
): void {
  const [taps, n] = [tapsOf(g), filter.size / tapsOf(g)];
  const multiply = filterProduct(emit, filter, taps, n);
  const chunks = chunksOf(g);
  const [gather, target] = [gathered(emit, x, g, chunks, chunks.length), y(imagesOf(chunks))];
  emit.tasks(chunks, (chunk) => {
    const rows = rowsAt(target.at(chunk.images), chunk, g, n);
    multiply(rows, gather(chunk), chunk.rows.count);
    if (epilogue) lowerAddBias(emit, rows, rows, epilogue.bias, epilogue.relu);
    target.finish(chunk.images);
  });
}

/** dFilter = columnsᵀ · dy. On request the finished sum is added to what dFilter holds. */
export function emitFilterGradient(
  emit: Emitter,
  dFilter: Buffer,
  x: Source,
  dy: Source,
  g: WindowGeometry,
  accumulate: boolean,
): void {
  const [taps, n] = [tapsOf(g), dFilter.size / tapsOf(g)];
  const chunks = chunksOf(g);
  const parts = partsOf(chunks);
  const [gather, dyAt] = [gathered(emit, x, g, chunks, parts.length), dy.chunked(imagesOf(chunks), parts.length)];
  const ks = chunks.map(({ rows }) => rows.count);
  const multiply = gradientProduct(emit, taps, n, ks, parts.length);
  sumInParts(emit, dFilter, accumulate, parts, (sum, chunk, add) => {
    multiply(sum, gather(chunk), rowsAt(dyAt(chunk.images), chunk, g, n), chunk.rows.count, add);
  });
}

/** dx = col2im(dy · filterᵀ), for any strides, then the epilogue. A pointwise convolution's patches are dx itself. */
export function emitScatteredPatches(
  emit: Emitter,
  dx: Target,
  dy: Source,
  filter: Buffer,
  g: WindowGeometry,
  epilogue?: Epilogue,
): void {
  const [taps, n] = [tapsOf(g), filter.size / tapsOf(g)];
  const panels = panelsOf(emit, filter, n, taps, true);
  const geometry = geometryTable(emit, g);
  const chunks = wholeImages(g);
  const [dyAt, target] = [dy.chunked(imagesOf(chunks), chunks.length), dx(imagesOf(chunks))];
  const columns = emit.local([mostRows(chunks), taps], chunks.length);
  emit.tasks(chunks, (chunk) => {
    const rows = rowsAt(dyAt(chunk.images), chunk, g, n);
    const to = target.at(chunk.images);
    const product = { m: chunk.rows.count, n: taps, k: n };
    if (isPointwise(g)) {
      emitPanelProduct(emit, rowsAt(to, chunk, g, taps), rows, panels, product);
    } else {
      emitPanelProduct(emit, columns, rows, panels, product);
      emit.call("col2im", [to.buffer, columns, geometry, to.first], chunk.images.count);
    }
    if (epilogue) {
      const imageSize = g.inHeight * g.inWidth * g.inChannels;
      const images = to.buffer.part(to.first * imageSize, chunk.images.count * imageSize);
      lowerAddBias(emit, images, images, epilogue.bias, epilogue.relu);
    }
    target.finish(chunk.images);
  });
}

/** True if at least one image's patches fit a chunk. */
export function fitsChunk(g: WindowGeometry): boolean {
  return rowsPerImage(g) * tapsOf(g) <= CHUNK_FLOATS;
}

function chunksOf(g: WindowGeometry): readonly Chunk[] {
  if (fitsChunk(g)) return wholeImages(g);
  const rows = rowsPerImage(g);
  const most = ROW_BLOCK * Math.max(1, Math.floor(CHUNK_FLOATS / (tapsOf(g) * ROW_BLOCK)));
  return spansOf(g.batch, 1).flatMap((images) =>
    spansOf(rows, most).map(({ first, count }) => ({
      images,
      rows: { first: images.first * rows + first, count },
    })),
  );
}

/** Chunks of as many images as fit, at least one. */
function wholeImages(g: WindowGeometry): readonly Chunk[] {
  const rows = rowsPerImage(g);
  const most = Math.max(1, Math.floor(CHUNK_FLOATS / (rows * tapsOf(g))));
  return spansOf(g.batch, Math.min(most, g.batch)).map((images) => ({
    images,
    rows: { first: images.first * rows, count: images.count * rows },
  }));
}

/** A chunk's patches, gathered within its task. A pointwise convolution's patches are x itself. */
function gathered(
  emit: Emitter,
  x: Source,
  g: WindowGeometry,
  chunks: readonly Chunk[],
  tasks: number,
): (chunk: Chunk) => Buffer {
  const taps = tapsOf(g);
  const xAt = x.chunked(imagesOf(chunks), tasks);
  if (isPointwise(g)) return (chunk) => rowsAt(xAt(chunk.images), chunk, g, taps);
  const geometry = geometryTable(emit, g);
  const columns = emit.local([mostRows(chunks), taps], tasks);
  return (chunk) => {
    const { buffer, first } = xAt(chunk.images);
    emit.call("im2col", [columns, buffer, geometry, firstRow(first, chunk, g)], chunk.rows.count);
    return columns;
  };
}

/**
 * y = (accumulate ? y : 0) + Σ over the chunks, in parts that threads share out and that are added in order. The
 * content of y is added last, as one number, so the bits are those of a sum that is made elsewhere and then added.
 */
function sumInParts(
  emit: Emitter,
  y: Buffer,
  accumulate: boolean,
  parts: readonly (readonly Chunk[])[],
  add: (sum: Buffer, chunk: Chunk, accumulate: boolean) => void,
): void {
  const total = accumulate ? emit.scratch(y.shape) : y;
  if (parts.length === 1) {
    parts[0]!.forEach((chunk, i) => add(total, chunk, i > 0));
  } else {
    const partial = emit.scratch([parts.length, y.size]);
    emit.tasks(parts, (part, index) => {
      const sum = partial.part(index * y.size, y.size);
      part.forEach((chunk, i) => add(sum, chunk, i > 0));
    });
    emit.call("sumAxis", [total, partial, 1, parts.length, y.size, 1], y.size);
  }
  if (accumulate) emit.call("add", [y, y, total, binaryView(emit, [y.size], [y.size], [y.size])], y.size);
}

/** A chunk's rows of `width` floats. */
function rowsAt({ buffer, first }: Images, chunk: Chunk, g: WindowGeometry, width: number): Buffer {
  return buffer.part(firstRow(first, chunk, g) * width, chunk.rows.count * width);
}

/** A chunk's first row in a buffer that holds its first image as number `first`. */
function firstRow(first: number, { images, rows }: Chunk, g: WindowGeometry): number {
  return rows.first + (first - images.first) * rowsPerImage(g);
}

function imagesOf(chunks: readonly Chunk[]): readonly Span[] {
  return chunks.map(({ images }) => images);
}

function mostRows(chunks: readonly Chunk[]): number {
  return Math.max(...chunks.map(({ rows }) => rows.count));
}

function isPointwise(g: WindowGeometry): boolean {
  return g.filterHeight === 1 && g.filterWidth === 1 && g.strideHeight === 1 && g.strideWidth === 1;
}

function tapsOf(g: WindowGeometry): number {
  return g.filterHeight * g.filterWidth * g.inChannels;
}

function rowsPerImage(g: WindowGeometry): number {
  return g.outHeight * g.outWidth;
}
