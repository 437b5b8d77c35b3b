// A convolution of 2×2 taps by Winograd's minimal filtering F(4×4, 2×2) (Lavin & Gray 2015,
// https://arxiv.org/abs/1509.09308): the image is cut into tiles of 4×4 outputs, each seen through a patch of 5×5
// inputs. In the transformed domain a tile's convolution is 25 products instead of 64.
//
//   V = Bᵀ d B   of the patches   [25][tiles][inChannels]         forward        y  = Aᵀ (V · U) A
//   U = G f Gᵀ   of the filter    [25][inChannels][outChannels]   filter grad    df = Gᵀ (Vᵀ · Z) G
//   Z = A dy Aᵀ  of the tiles     [25][tiles][outChannels]        input grad     a forward of dy by the flipped filter
//
// Chunks of images are made one after the other, so their planes V, Z and products stay in the cache of the thread that
// made them. Making V again for the filter gradient costs less than keeping the batch's V, which no cache holds.
import type { Buffer } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import { PANEL_COLUMNS } from "../../runtime/sizes.generated.ts";
import type { Shape } from "../../shape.ts";
import type { WindowGeometry } from "../../window.ts";
import type { Epilogue } from "./epilogue.ts";
import { geometryTable } from "./geometry-table.ts";
import type { Source, Target } from "./images.ts";
import { emitPanelProduct } from "../product/product.ts";
import { errorFactor, filterMagnitudes, gradientTerms, limitFactor, windowMagnitudes } from "./own-terms.ts";
import { partsOf, spansOf, type Span } from "../spans.ts";
import {
  WINOGRAD_PLANES as PLANES,
  WINOGRAD_POINTS as POINTS,
  WINOGRAD_SCRATCH_FLOATS as SCRATCH_FLOATS,
  WINOGRAD_TILE as TILE,
} from "../../runtime/sizes.generated.ts";

// Outputs of a tile along one axis, and planes: one for each pair of a row's and a column's point.
export { PLANES, TILE };

/**
 * The largest error of an output, in units of 2⁻²⁴ of its norms (own-terms.ts). test/convolution has measured it.
 */
const OUTPUT_ERROR = 8;

/** The same for a filter gradient. */
const GRADIENT_ERROR = 64;

/** The most floats of planes in one chunk: 1.5 MiB, three quarters of an L2 cache. */
const CHUNK_FLOATS = 393_216;

/** Floats of padding between two planes. Planes a power of two apart would compete for the same places in the cache. */
const PLANE_GAP = 16;

/** No buffer. */
const NONE = 0;

/** True if the transforms are for this window. */
export function supports(g: WindowGeometry): boolean {
  return g.filterHeight === 2 && g.filterWidth === 2 && g.strideHeight === 1 && g.strideWidth === 1;
}

/** y = x ∗ filter, then the epilogue.  filter [2, 2, inChannels, outChannels]. */
export function emitConvolution(
  emit: Emitter,
  y: Target,
  x: Source,
  filter: Buffer,
  g: WindowGeometry,
  epilogue?: Epilogue,
): void {
  const plan = planOf(g, filter.shape[3]!);
  const { inChannels: k, outChannels: n } = plan;
  const [geometry, u] = [geometryTable(emit, g), transformedFilter(emit, filter, plan)];
  const v = emit.local([PLANES, plan.inPlane], plan.chunks.length);
  const m = emit.local([PLANES, plan.outPlane], plan.chunks.length);
  const lines = linesOf(emit, plan);
  const { bias = NONE, relu = false } = epilogue ?? {};
  const [xAt, target] = [x.chunked(plan.chunks, plan.chunks.length), y(plan.chunks)];
  const [windowsOf, weights] = [windowMagnitudes(emit, geometry, g, plan.chunks), filterMagnitudes(emit, filter)];
  const limits = [limitFactor(OUTPUT_ERROR, g.filterHeight * g.filterWidth * k), errorFactor(OUTPUT_ERROR)] as const;
  emit.tasks(plan.chunks, (images) => {
    const tiles = images.count * plan.tilesPerImage;
    const from = xAt(images);
    const windows = windowsOf(from, images);
    emit.call("winogradInput", [v, from.buffer, geometry, plan.inPlane, from.first, lines], tiles);
    const strides = { aStride: plan.inPlane, panelsStride: plan.filterPlane, cStride: plan.outPlane };
    emitPanelProduct(emit, m, v, u, { m: tiles, n, k }, { count: PLANES, ...strides });
    const [to, imageSize] = [target.at(images), g.inHeight * g.inWidth * k];
    const chunk = from.buffer.part(from.first * imageSize, images.count * imageSize);
    const sums = [to.buffer, m, chunk, filter, bias, windows, weights] as const;
    const sizes = [n, Number(relu), ...limits, plan.outPlane] as const;
    emit.call("winogradOutput", [...sums, geometry, ...sizes, to.first, lines], tiles);
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
  const plan = planOf(g, dFilter.shape[3]!);
  const { inChannels: m, outChannels: n } = plan;
  const geometry = geometryTable(emit, g);
  const parts = partsOf(plan.chunks);
  const v = emit.local([PLANES, plan.inPlane], parts.length);
  const z = emit.local([PLANES, plan.outPanelPlane], parts.length);
  const lines = linesOf(emit, plan);
  const productPlane = m * n + PLANE_GAP;
  const partSize = PLANES * productPlane;
  const du = emit.scratch([parts.length, partSize]);
  const [xAt, dyAt] = [x.chunked(plan.chunks, parts.length), dy.chunked(plan.chunks, parts.length)];
  emit.tasks(parts, (part, index) => {
    const sum = du.part(index * partSize, partSize);
    part.forEach((images, i) => {
      const tiles = images.count * plan.tilesPerImage;
      const [from, grad] = [xAt(images), dyAt(images)];
      emit.call("winogradInput", [v, from.buffer, geometry, plan.inPlane, from.first, lines], tiles);
      const panels = [n, tiles, plan.outPanelPlane] as const;
      emit.call("winogradOutputGrad", [z, grad.buffer, geometry, ...panels, grad.first, lines], tiles);
      const strides = { aStride: plan.inPlane, panelsStride: plan.outPanelPlane, cStride: productPlane };
      const product = { m, n, k: tiles, transposeA: true, accumulate: i > 0 };
      emitPanelProduct(emit, sum, v, z, product, { count: PLANES, ...strides });
    });
  });
  const terms = [...gradientTerms(emit, x, dy), NONE, NONE, geometry] as const;
  const sizes = [n, productPlane, parts.length, partSize, Number(accumulate)] as const;
  const limit = limitFactor(GRADIENT_ERROR, g.batch * g.outHeight * g.outWidth);
  const scratch = emit.local([SCRATCH_FLOATS], m);
  emit.call("winogradFilterGrad", [dFilter, du, ...terms, ...sizes, limit, scratch], m);
}

/** Sizes of a convolution's planes, in floats, and the chunks of its batch. */
interface Plan {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly tilesPerImage: number;
  /** Number of tiles in all images. */
  readonly tiles: number;
  readonly chunks: readonly Span[];
  /** Floats from one plane to the next: of a chunk's V, of its products, of its Z in panels, and of U in panels. */
  readonly inPlane: number;
  readonly outPlane: number;
  readonly outPanelPlane: number;
  readonly filterPlane: number;
  /**
   * Scratch of a thread's transforms between one axis and the other. Three times four columns of inputs are the most.
   */
  readonly lines: Shape;
}

function planOf(g: WindowGeometry, outChannels: number): Plan {
  const { batch, inChannels } = g;
  const tilesPerImage = Math.ceil(g.outHeight / TILE) * Math.ceil(g.outWidth / TILE);
  const panelColumns = Math.ceil(outChannels / PANEL_COLUMNS) * PANEL_COLUMNS;
  const floatsPerImage = PLANES * tilesPerImage * (inChannels + panelColumns);
  const images = Math.min(batch, Math.max(1, Math.floor(CHUNK_FLOATS / floatsPerImage)));
  const tiles = images * tilesPerImage;
  return {
    inChannels,
    outChannels,
    tilesPerImage,
    tiles: batch * tilesPerImage,
    chunks: spansOf(batch, images),
    inPlane: tiles * inChannels + PLANE_GAP,
    outPlane: tiles * outChannels + PLANE_GAP,
    outPanelPlane: tiles * panelColumns + PLANE_GAP,
    filterPlane: inChannels * panelColumns + PLANE_GAP,
    lines: [TILE * POINTS * Math.max(3 * inChannels, panelColumns) + SCRATCH_FLOATS],
  };
}

/** Scratch of the transforms for each thread. Threads share out the tiles even of a single chunk. */
function linesOf(emit: Emitter, { lines, tiles }: Plan): Buffer {
  return emit.local(lines, tiles);
}

/** U in the panels that the products read, made once per program. */
function transformedFilter(emit: Emitter, filter: Buffer, plan: Plan): Buffer {
  const { inChannels, outChannels, filterPlane } = plan;
  return emit.derived(filter, `winograd ${filter.shape.join("x")}`, () => {
    const u = emit.scratch([PLANES, filterPlane]);
    emit.call("winogradFilter", [u, filter, inChannels, outChannels, filterPlane], inChannels);
    return u;
  });
}
