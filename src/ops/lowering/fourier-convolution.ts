// A convolution by the discrete Fourier transform: each tile is seen through a window of 16×16 inputs, where a convolution is a product
// of spectra. 126 complex values and 4 real ones describe a spectrum of real numbers, and a product of complex numbers takes three
// real ones, so a tile takes 382 products for each pair of channels: for 14×14 outputs of 5×5 taps that would be 4,900. It rounds
// about as little as a plain sum does.
//
//   V = spectrum of the inputs             [382][tiles][inChannels]         forward        y  = inverse (V · U)
//   U = spectrum of the filter, backwards  [382][inChannels][outChannels]   filter grad    df = inverse (Vᵀ · Z)
//   Z = spectrum of dy, backwards          [382][tiles][outChannels]        input grad     a forward of dy by the flipped filter
//
// A small image is one tile: what lies past its end is 0, and so is what lies before it, so the window may wrap around.
//
// Forward goes chunk by chunk, so that V and the products stay in the cache of the thread that made them while U passes by. The filter
// gradient keeps V and Z of many images, because its sum would else come by again for every chunk.
import type { Buffer } from "../../compile/core/buffer.ts";
import { PANEL_COLUMNS, type Emitter } from "../../compile/core/emitter.ts";
import type { WindowGeometry } from "../../window.ts";
import type { Epilogue } from "./convolution.ts";
import { geometryTable } from "./geometry-table.ts";
import type { Source, Target } from "./images.ts";
import { emitPanelProduct } from "./product.ts";
import { stretchesOf, type Stretch } from "./stretches.ts";

/** Points of the transform along an axis. */
const POINTS = 16;

/** Planes of a spectrum (assembly/fourier/spectrum.ts). */
const PLANES = 382;

/** Floats of planes that one chunk may hold. */
const CHUNK_FLOATS = 500_000;

/** Tiles whose V and Z are kept for a filter gradient. */
const GRADIENT_TILES = 128;

/** Floats between two planes beyond their content: planes a power of two apart would share cache lines' places. */
const PLANE_GAP = 16;

/** Floats of sixteen channels' spectrum. */
const BLOCK = PLANES * PANEL_COLUMNS;

/** Floats of a thread's scratch (assembly/fourier/spectrum.ts). */
const SCRATCH = (16 * 16 + 16 + 32) * 16 + 32 * 4;

/** No buffer. */
const NONE = 0;

/** Whether a convolution of this window can be made so, and in fewer operations than there are taps. */
export function supports(g: WindowGeometry): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth } = g;
  const square = filterHeight === filterWidth && filterHeight >= 3 && filterHeight <= 9;
  if (!square || strideHeight !== 1 || strideWidth !== 1) return false;
  const [tiling, taps] = [tilingOf(g), filterHeight * filterWidth];
  return 2 * PLANES * tiling.down * tiling.across <= taps * g.outHeight * g.outWidth;
}

/** y = x ∗ filter, then the epilogue.  filter [r, r, inChannels, outChannels]. */
export function emitConvolution(
  emit: Emitter,
  y: Target,
  x: Source,
  filter: Buffer,
  g: WindowGeometry,
  epilogue?: Epilogue,
): void {
  const plan = planOf(g, filter.shape[3]!);
  const { inChannels: k, outChannels: n, chunkTiles } = plan;
  const [u, filterPlane] = spectrumOfFilter(emit, filter);
  const tables = tablesOf(emit, g, plan);
  const [inTile, outTile] = [PLANES * k, PLANES * panelColumns(n)];
  const v = emit.local([chunkTiles, inTile], plan.chunks.length);
  const m = emit.local([chunkTiles, outTile], plan.chunks.length);
  const scratch = emit.local([SCRATCH], g.batch * plan.tilesPerImage);
  const { bias = NONE, relu = false } = epilogue ?? {};
  const [xAt, target] = [x(plan.chunks, plan.chunks.length), y(plan.chunks)];
  emit.tasks(plan.chunks, (images) => {
    const tiles = images.count * plan.tilesPerImage;
    const from = xAt(images);
    emit.call("fourierInput", [v, from.buffer, ...tables, inTile, k, from.first, scratch], tiles);
    const strides = { aStride: k, panelsStride: filterPlane, cStride: PANEL_COLUMNS };
    const planes = { count: PLANES, ...strides, aRowStride: inTile, cRowStride: outTile, cPanelStride: BLOCK };
    emitPanelProduct(emit, m, v, u, { m: tiles, n, k }, planes);
    const [to, imageSize] = [target.at(images), g.inHeight * g.inWidth * k];
    const chunk = from.buffer.part(from.first * imageSize, images.count * imageSize);
    const sums = [to.buffer, m, chunk, filter, bias] as const;
    emit.call("fourierOutput", [...sums, ...tables, n, Number(relu), to.first, scratch], tiles);
    target.finish(images);
  });
}

/** dFilter from x and dy, added to what dFilter holds if asked. */
export function emitFilterGradient(
  emit: Emitter,
  dFilter: Buffer,
  x: Source,
  dy: Source,
  g: WindowGeometry,
  accumulate: boolean,
): void {
  const plan = planOf(g, dFilter.shape[3]!);
  const { inChannels: m, outChannels: n, tilesPerImage } = plan;
  const tables = tablesOf(emit, g, plan);
  const sections = stretchesOf(g.batch, Math.max(1, Math.floor(GRADIENT_TILES / tilesPerImage)));
  const most = Math.max(...sections.map(({ count }) => count)) * tilesPerImage;
  const [inPlane, outPlane] = [most * m + PLANE_GAP, most * panelColumns(n) + PLANE_GAP];
  const [v, z] = [emit.scratch([PLANES, inPlane]), emit.scratch([PLANES, outPlane])];
  const sumRow = PLANES * panelColumns(n);
  const du = emit.scratch([m, sumRow]);
  sections.forEach((section, index) => {
    const tiles = section.count * tilesPerImage;
    const chunks = stretchesOf(section.count, plan.chunkTiles / tilesPerImage).map(
      ({ first, count }): Stretch => ({ first: section.first + first, count }),
    );
    const scratch = emit.local([SCRATCH], chunks.length);
    const [xAt, dyAt] = [x(chunks, chunks.length), dy(chunks, chunks.length)];
    emit.tasks(chunks, (images) => {
      const [from, grad] = [xAt(images), dyAt(images)];
      const firstTile = (images.first - section.first) * tilesPerImage;
      const count = images.count * tilesPerImage;
      const lines = v.part(firstTile * m, v.size - firstTile * m);
      emit.call("fourierInput", [lines, from.buffer, ...tables, m, inPlane, from.first, scratch], count);
      const panels = [n, tiles, firstTile, outPlane] as const;
      emit.call("fourierOutputGrad", [z, grad.buffer, ...tables, ...panels, grad.first, scratch], count);
    });
    const planes = { count: PLANES, aStride: inPlane, panelsStride: outPlane, cStride: PANEL_COLUMNS, cRowStride: sumRow, cPanelStride: BLOCK };
    const product = { m, n, k: tiles, transposeA: true, accumulate: index > 0 };
    emitPanelProduct(emit, du, v, z, product, planes);
  });
  const scratch = emit.local([SCRATCH], m);
  const sizes = [g.filterHeight, m, n, Number(accumulate)] as const;
  emit.call("fourierFilterGrad", [dFilter, du, tables[2], ...sizes, scratch], m);
}

/** How a convolution's outputs are cut into tiles, and its batch into chunks. */
interface Plan {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly tiling: Tiling;
  readonly tilesPerImage: number;
  readonly chunks: readonly Stretch[];
  /** In the largest chunk. */
  readonly chunkTiles: number;
}

function planOf(g: WindowGeometry, outChannels: number): Plan {
  const { batch, inChannels } = g;
  const tiling = tilingOf(g);
  const tilesPerImage = tiling.down * tiling.across;
  const floatsPerImage = PLANES * tilesPerImage * (inChannels + outChannels);
  const chunks = stretchesOf(batch, Math.max(1, Math.floor(CHUNK_FLOATS / floatsPerImage)));
  const chunkTiles = Math.max(...chunks.map(({ count }) => count)) * tilesPerImage;
  return { inChannels, outChannels, tiling, tilesPerImage, chunks, chunkTiles };
}

/** The compiler's side of assembly/fourier/tiling.ts. */
interface Tiling {
  readonly height: number;
  readonly width: number;
  readonly down: number;
  readonly across: number;
}

function tilingOf(g: WindowGeometry): Tiling {
  const height = outputsOfTile(g.inHeight, g.filterHeight, g.padTop, g.outHeight);
  const width = outputsOfTile(g.inWidth, g.filterWidth, g.padLeft, g.outWidth);
  return { height, width, down: Math.ceil(g.outHeight / height), across: Math.ceil(g.outWidth / width) };
}

/**
 * Along one axis: all outputs, where whatever the window sees after it has wrapped around is padding on both sides; otherwise those
 * before it wraps.
 */
function outputsOfTile(inputs: number, taps: number, pad: number, outputs: number): number {
  const beforeWrap = POINTS - taps + 1;
  if (outputs <= beforeWrap) return outputs;
  const whole = inputs + pad <= POINTS && outputs + taps - 1 - POINTS <= pad;
  return whole ? outputs : beforeWrap;
}

function tablesOf(emit: Emitter, g: WindowGeometry, plan: Plan): [geometry: Buffer, tiling: Buffer, turns: Buffer] {
  const { height, width, down, across } = plan.tiling;
  return [geometryTable(emit, g), emit.integers([height, width, down, across]), turnsTable(emit)];
}

/** cos(πj/8) for j = 0 … 4. JavaScript's own differs between engines. */
const COSINES: readonly number[] = [1, 0.9238795325112867, 0.7071067811865476, 0.3826834323650898, 0];

/** e^(−2πi·bd/16) for b = 0 … 3 and d = 1 … 3, each part four times: what the transforms multiply with. */
function turnsTable(emit: Emitter): Buffer {
  const turns = [0, 1, 2, 3].flatMap((b) => [1, 2, 3].flatMap((d) => [cosine(b * d), -cosine(b * d - 4)]));
  return emit.floats(turns.flatMap((part) => [part, part, part, part]));
}

/** cos(πj/8) */
function cosine(j: number): number {
  const turn = Math.abs(j) % 16;
  const half = turn > 8 ? 16 - turn : turn;
  return half > 4 ? -COSINES[8 - half]! : COSINES[half]!;
}

function panelColumns(channels: number): number {
  return Math.ceil(channels / PANEL_COLUMNS) * PANEL_COLUMNS;
}

/** U as the panels the products read, made once a program, and the floats of a plane. */
function spectrumOfFilter(emit: Emitter, filter: Buffer): [u: Buffer, plane: number] {
  const [taps, , inChannels, outChannels] = filter.shape as [number, number, number, number];
  const plane = inChannels * panelColumns(outChannels) + PLANE_GAP;
  const u = emit.derived(filter, `spectrum ${filter.shape.join("x")}`, () => {
    const u = emit.scratch([PLANES, plane]);
    const scratch = emit.local([SCRATCH], inChannels);
    emit.call("fourierFilter", [u, filter, turnsTable(emit), taps, inChannels, outChannels, plane, scratch], inChannels);
    return u;
  });
  return [u, plane];
}
