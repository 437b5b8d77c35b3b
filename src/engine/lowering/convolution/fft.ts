// A convolution by the discrete Fourier transform (Mathieu, Henaff & LeCun 2013, https://arxiv.org/abs/1312.5851), tile
// by tile (overlap-save). Each tile is seen through a window of 16×16 inputs, where a circular convolution is a product
// of spectra. 126 complex values and 4 real ones describe a spectrum of real numbers, and a product of complex numbers
// takes three real ones. So a tile takes 382 products for each pair of channels, where a plain sum takes 4,900 for
// 14×14 outputs of 5×5 taps. The transform rounds as little as a plain sum.
//
//   V = spectrum of the inputs             forward          y  = inverse of V · U     summed over input channels
//   U = spectrum of the filter, backwards  filter gradient  df = inverse of Vᵀ · Z    summed over tiles
//   Z = spectrum of dy, backwards          input gradient   a forward of dy by the flipped filter
//
// A small image is one tile. The numbers before its start and past its end are 0, so the window may wrap around.
//
// The forward pass goes chunk by chunk, and within a chunk by sixteen output channels. V and the products thus stay in
// the cache of the thread that made them while U is read from memory. The filter gradient takes more images at a time,
// because its sum is read and written once for each group of them.
import type { Buffer } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import { PANEL_COLUMNS } from "../../runtime/sizes.generated.ts";
import { imageDims } from "../../shape.ts";
import type { WindowGeometry } from "../../window.ts";
import type { Epilogue } from "./epilogue.ts";
import { PLANES, SCRATCH_FLOATS, twiddleTable } from "./fft-tables.ts";
import { geometryTable } from "./geometry-table.ts";
import { tilingOf, tilingTable } from "./fft-tiling.ts";
import type { Source, Target } from "./images.ts";
import {
  errorFactor,
  filterMagnitudes,
  gradientTerms,
  limitFactor,
  occupancies,
  windowMagnitudes,
} from "./own-terms.ts";
import { emitPanelProduct } from "../product/product.ts";
import { equalSpans, spansOf, type Span } from "../spans.ts";

/** The most floats of V, and of sixteen channels' products, in one chunk: 1.6 MB, most of an L2 cache. */
const CHUNK_FLOATS = 400_000;

/**
 * Number of tiles whose V and Z are kept at once for a filter gradient. With fewer tiles, its sum, as large as U, is
 * read and written more often. With more, V and Z lie on more pages than a processor keeps addresses of, and each tile
 * writes to all of them (100 tiles took a sixth longer). Part of the numerics: another number gives other bits.
 */
const GRADIENT_TILES = 36;

/** Floats of padding between two planes. Planes a power of two apart would compete for the same places in the cache. */
const PLANE_GAP = 16;

/** Floats of the spectrum of sixteen channels, value by value, as products write it and the inverse reads it. */
const BLOCK = PLANES * PANEL_COLUMNS;

/** No buffer. */
const NONE = 0;

/** The most floats of a filter's spectrum that are worth memory and time: 32 MB, 128 channels on both sides. */
const FILTER_FLOATS = 8_000_000;

/**
 * The most floats of spectra for each output, if there are several tiles: with large filters a tile has few outputs.
 */
const FLOATS_AN_OUTPUT = 8;

/**
 * The largest error of an output, in units of 2⁻²⁴ of its norms (own-terms.ts). test/convolution has measured it.
 */
const OUTPUT_ERROR = 8;

/** The same for a filter gradient. */
const GRADIENT_ERROR = 16;

/**
 * True if a convolution with this window uses the transform: it then takes at most half of the products, which pays for
 * the transforms.
 */
export function supports(g: WindowGeometry, outChannels: number): boolean {
  if (g.strideHeight !== 1 || g.strideWidth !== 1) return false;
  if (PLANES * g.inChannels * panelCount(outChannels) * PANEL_COLUMNS > FILTER_FLOATS) return false;
  const tiling = tilingOf(g);
  if (tiling === undefined) return false;
  const [tiles, outputs] = [tiling.down * tiling.across, g.outHeight * g.outWidth];
  if (tiles > 1 && PLANES * tiles > FLOATS_AN_OUTPUT * outputs) return false;
  return 2 * PLANES * tiles <= g.filterHeight * g.filterWidth * outputs;
}

/** y = x ∗ filter, then the epilogue.  filter [height, width, inChannels, outChannels]. */
export function emitConvolution(
  emit: Emitter,
  y: Target,
  x: Source,
  filter: Buffer,
  g: WindowGeometry,
  epilogue?: Epilogue,
): void {
  const plan = planOf(emit, g, filter.shape[3]!);
  const { inChannels: k, outChannels: n, tables } = plan;
  const chunks = spansOf(g.batch, plan.chunkImages, plan.tilesPerImage % PAIR === 0 ? 1 : PAIR);
  const u = spectrumOfFilter(emit, filter);
  const mostTiles = mostImages(chunks) * plan.tilesPerImage;
  const tileOfV = PLANES * k;
  const v = emit.local([mostTiles, tileOfV], chunks.length);
  const m = emit.local([mostTiles, BLOCK], chunks.length);
  const scratch = emit.local([SCRATCH_FLOATS], g.batch * plan.tilesPerImage);
  const { bias = NONE, relu = false } = epilogue ?? {};
  const [xAt, target] = [x.chunked(chunks, chunks.length), y(chunks)];
  const [windowsOf, weights] = [windowMagnitudes(emit, tables[0], g, chunks), filterMagnitudes(emit, filter)];
  const limits = [limitFactor(OUTPUT_ERROR, g.filterHeight * g.filterWidth * k), errorFactor(OUTPUT_ERROR)] as const;
  emit.tasks(chunks, (images) => {
    const tiles = images.count * plan.tilesPerImage;
    const from = xAt(images);
    const windows = windowsOf(from, images);
    emit.call("fftInput", [v, from.buffer, ...tables, from.first, scratch], tiles);
    const strides = {
      aStride: k,
      aRowStride: tileOfV,
      panelsStride: u.plane,
      cStride: PANEL_COLUMNS,
      cRowStride: BLOCK,
    };
    const [to, imageSize] = [target.at(images), g.inHeight * g.inWidth * k];
    const seen = from.buffer.part(from.first * imageSize, images.count * imageSize);
    for (let channel = 0; channel < n; channel += PANEL_COLUMNS) {
      const product = { m: tiles, n: Math.min(PANEL_COLUMNS, n - channel), k };
      const panel = u.buffer.part((channel / PANEL_COLUMNS) * u.panel, u.panel);
      emitPanelProduct(emit, m, v, panel, product, { count: PLANES, ...strides });
      const sums = [to.buffer, m, seen, filter, bias, windows, weights] as const;
      emit.call("fftOutput", [...sums, ...tables, n, channel, Number(relu), ...limits, to.first, scratch], tiles);
    }
    target.finish(images);
  });
}

/** dFilter from x and dy. On request it is added to what dFilter holds. */
export function emitFilterGradient(
  emit: Emitter,
  dFilter: Buffer,
  x: Source,
  dy: Source,
  g: WindowGeometry,
  accumulate: boolean,
): void {
  const plan = planOf(emit, g, dFilter.shape[3]!);
  const { inChannels: m, outChannels: n, tilesPerImage } = plan;
  const groups = equalSpans(g.batch, Math.ceil((g.batch * tilesPerImage) / GRADIENT_TILES));
  const mostTiles = mostImages(groups) * tilesPerImage;
  const tileOfV = PLANES * m;
  const planeOfZ = mostTiles * panelCount(n) * PANEL_COLUMNS + PLANE_GAP;
  const [v, z] = [emit.scratch([mostTiles, tileOfV]), emit.scratch([PLANES, planeOfZ])];
  const planeOfSum = m * PANEL_COLUMNS + PLANE_GAP;
  const du = emit.scratch([panelCount(n), PLANES, planeOfSum]);
  groups.forEach((group, index) => {
    emitSpectra(emit, v, { buffer: z, plane: planeOfZ }, { x, dy }, group, plan);
    const c = { cStride: planeOfSum, cRowStride: PANEL_COLUMNS, cPanelStride: PLANES * planeOfSum };
    const product = { m, n, k: group.count * tilesPerImage, transposeA: true, accumulate: index > 0 };
    emitPanelProduct(emit, du, v, z, product, {
      count: PLANES,
      aStride: m,
      aRowStride: tileOfV,
      panelsStride: planeOfZ,
      ...c,
    });
  });
  const scratch = emit.local([SCRATCH_FLOATS], m);
  const terms = [...gradientTerms(emit, x, dy), ...occupancies(emit, x, dy)] as const;
  const limit = limitFactor(GRADIENT_ERROR, g.batch * g.outHeight * g.outWidth);
  const sizes = [n, planeOfSum, Number(accumulate), limit] as const;
  emit.call("fftFilterGrad", [dFilter, du, ...terms, plan.tables[0], twiddleTable(emit), ...sizes, scratch], m);
}

/** Number of planes, and floats from one to the next. */
interface Spectra {
  readonly buffer: Buffer;
  readonly plane: number;
}

/** V and Z of some images, chunk by chunk. */
function emitSpectra(
  emit: Emitter,
  v: Buffer,
  z: Spectra,
  { x, dy }: { readonly x: Source; readonly dy: Source },
  group: Span,
  { inChannels, outChannels, tables, tilesPerImage, chunkImages }: Plan,
): void {
  const tiles = group.count * tilesPerImage;
  const chunks = spansOf(group.count, chunkImages).map(({ first, count }): Span => ({
    first: group.first + first,
    count,
  }));
  const scratch = emit.local([SCRATCH_FLOATS], tiles);
  const [xAt, dyAt] = [x.chunked(chunks, chunks.length), dy.chunked(chunks, chunks.length)];
  emit.tasks(chunks, (images) => {
    const [from, grad] = [xAt(images), dyAt(images)];
    const firstTile = (images.first - group.first) * tilesPerImage;
    const count = images.count * tilesPerImage;
    const spectra = v.part(firstTile * PLANES * inChannels, count * PLANES * inChannels);
    emit.call("fftInput", [spectra, from.buffer, ...tables, from.first, scratch], count);
    const panels = [outChannels, tiles, firstTile, z.plane] as const;
    emit.call("fftOutputGrad", [z.buffer, grad.buffer, ...tables, ...panels, grad.first, scratch], count);
  });
}

/** The common values of a convolution's passes. */
interface Plan {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly tilesPerImage: number;
  /** The most images in a chunk. */
  readonly chunkImages: number;
  readonly tables: readonly [geometry: Buffer, tiling: Buffer, twiddles: Buffer];
}

function planOf(emit: Emitter, g: WindowGeometry, outChannels: number): Plan {
  const { inChannels } = g;
  const tiling = tilingOf(g)!;
  const tilesPerImage = tiling.down * tiling.across;
  const floatsPerImage = PLANES * tilesPerImage * (inChannels + PANEL_COLUMNS);
  const chunkImages = Math.max(1, Math.floor(CHUNK_FLOATS / floatsPerImage));
  const tables = [geometryTable(emit, g), tilingTable(emit, tiling), twiddleTable(emit)] as const;
  return { inChannels, outChannels, tilesPerImage, chunkImages, tables };
}

/**
 * Rows of a product's register tile. A chunk holds a multiple of this number of tiles, so that no register tile is half
 * empty.
 */
const PAIR = 2;

function mostImages(spans: readonly Span[]): number {
  return Math.max(...spans.map(({ count }) => count));
}

function panelCount(channels: number): number {
  return Math.ceil(channels / PANEL_COLUMNS);
}

/** U, panel by panel, made once per program. */
function spectrumOfFilter(emit: Emitter, filter: Buffer): { buffer: Buffer; plane: number; panel: number } {
  const [height, width, inChannels, outChannels] = imageDims(filter.shape);
  const plane = inChannels * PANEL_COLUMNS + PLANE_GAP;
  const buffer = emit.derived(filter, `spectrum ${filter.shape.join("x")}`, () => {
    const u = emit.scratch([panelCount(outChannels), PLANES, plane]);
    const scratch = emit.local([SCRATCH_FLOATS], inChannels);
    const sizes = [height, width, inChannels, outChannels, plane] as const;
    emit.call("fftFilter", [u, filter, twiddleTable(emit), ...sizes, scratch], inChannels);
    return u;
  });
  return { buffer, plane, panel: PLANES * plane };
}
