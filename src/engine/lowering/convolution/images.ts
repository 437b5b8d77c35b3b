// The places from which a convolution reads images and to which it writes them, chunk by chunk. They are whole tensors,
// or images that are made for one chunk alone and stay in the cache.
import type { Buffer } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import type { Shape } from "../../shape.ts";
import { windowGeometry, type WindowGeometry } from "../../window.ts";
import { geometryTable } from "./geometry-table.ts";
import type { PoolAttributes } from "../pool-shape.ts";
import type { Span } from "../spans.ts";

/** Images in a buffer, counted from image number `first`. */
export interface Images {
  readonly buffer: Buffer;
  readonly first: number;
}

/** Images to read. */
export interface Source {
  /**
   * Takes all spans that will be read, and the number of tasks. The result gives the place of each span, within its
   * task.
   */
  readonly chunked: (chunks: readonly Span[], tasks: number) => (images: Span) => Images;
  /**
   * The tensor of all images. If the images are the gradient that comes back through a pool, this is the pool's
   * gradient.
   */
  readonly tensor: Buffer;
  /** The pool through which the images come back, if any. */
  readonly through?: MaskedPool;
}

/**
 * Images to write, each chunk in a task of its own: the place of a chunk, and the work to do once the chunk is there.
 */
export type Target = (chunks: readonly Span[]) => {
  readonly at: (images: Span) => Images;
  readonly finish: (images: Span) => void;
};

/** A tensor, read in place. */
export function tensorSource(tensor: Buffer): Source {
  return { tensor, chunked: () => (images) => ({ buffer: tensor, first: images.first }) };
}

/** A tensor, written in place. */
export function tensorTarget(buffer: Buffer): Target {
  return () => ({ at: ({ first }) => ({ buffer, first }), finish: () => undefined });
}

/** The mask of the elements that relu let through, and their pool. The pool's windows cover every pixel once. */
export interface MaskedPool {
  /** [batch, outHeight, outWidth, channels]: the pool's result, or its gradient. */
  readonly pooled: Buffer;
  /** [batch, height, width, words]: a bit for each element, 1 if it was above 0. */
  readonly mask: Buffer;
  readonly geometry: WindowGeometry;
}

/** Number of integers that hold a bit for each of these channels. */
export function maskWords(channels: number): number {
  return Math.ceil(channels / 32);
}

/** The shape of relu's result, from the pool's result and the mask. */
export function relusOf(pooled: Buffer, mask: Buffer): Shape {
  return [...mask.shape.slice(0, 3), pooled.shape[3]!];
}

/** A pool of these attributes. */
export function maskedPool(pooled: Buffer, mask: Buffer, attributes: PoolAttributes): MaskedPool {
  const geometry = windowGeometry(relusOf(pooled, mask), attributes.window, pooled.shape, attributes);
  return { pooled, mask, geometry };
}

/** Takes relu's images. Only the mask and the pool of them are kept. */
export function poolTarget(emit: Emitter, { pooled, mask, geometry }: MaskedPool): Target {
  return (chunks) => {
    const [images, table] = [chunkBuffer(emit, geometry, chunks, chunks.length), geometryTable(emit, geometry)];
    return {
      at: () => ({ buffer: images, first: 0 }),
      finish({ first, count }) {
        emit.call("maskedAvgPool", [pooled, mask, images, table, first], count * geometry.outHeight);
      },
    };
  };
}

/** The gradient that comes back through the pool and relu. */
export function maskedSource(emit: Emitter, through: MaskedPool): Source {
  const { pooled, mask, geometry } = through;
  const chunked: Source["chunked"] = (chunks, tasks) => {
    const [images, table] = [chunkBuffer(emit, geometry, chunks, tasks), geometryTable(emit, geometry)];
    return ({ first, count }) => {
      emit.call("maskedAvgPoolGrad", [images, pooled, mask, table, first], count * geometry.inHeight);
      return { buffer: images, first: 0 };
    };
  };
  return { tensor: pooled, through, chunked };
}

function chunkBuffer(emit: Emitter, g: WindowGeometry, chunks: readonly Span[], tasks: number): Buffer {
  const most = Math.max(...chunks.map(({ count }) => count));
  return emit.local([most, g.inHeight, g.inWidth, g.inChannels], tasks);
}
