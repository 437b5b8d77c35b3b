// Where a convolution takes images from and puts them, chunk by chunk: whole tensors, or what is made for one chunk
// alone and stays in the cache.
import type { Buffer } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import type { Shape } from "../../shape.ts";
import { windowGeometry, type WindowGeometry } from "../../window.ts";
import { geometryTable } from "./geometry-table.ts";
import type { PoolAttributes } from "../pool-shape.ts";
import type { Span } from "../spans.ts";

/** Images in a buffer, of which `first` is the first that is meant. */
export interface Images {
  readonly buffer: Buffer;
  readonly first: number;
}

/** Images to read. */
export interface Source {
  /** Told which spans will be asked for, in how many tasks, it says where each lies, within its task. */
  readonly chunked: (chunks: readonly Span[], tasks: number) => (images: Span) => Images;
  /** All of them; or, where they are the gradient that comes back through a pool, what that reads. */
  readonly tensor: Buffer;
  /** The pool that they come back through. */
  readonly through?: MaskedPool;
}

/** Images to write, each chunk in a task of its own: where it goes, and what is done once it is there. */
export type Target = (chunks: readonly Span[]) => {
  readonly at: (images: Span) => Images;
  readonly finish: (images: Span) => void;
};

/** A tensor as it is. */
export function tensorSource(tensor: Buffer): Source {
  return { tensor, chunked: () => (images) => ({ buffer: tensor, first: images.first }) };
}

/** A tensor as it will be. */
export function tensorTarget(buffer: Buffer): Target {
  return () => ({ at: ({ first }) => ({ buffer, first }), finish: () => undefined });
}

/** What relu let through, and the pool of it, whose windows cover every pixel once. */
export interface MaskedPool {
  /** [batch, outHeight, outWidth, channels]: the pool's result, or its gradient. */
  readonly pooled: Buffer;
  /** [batch, height, width, words]: which elements were above 0. */
  readonly mask: Buffer;
  readonly geometry: WindowGeometry;
}

/** Integers that hold a bit for each of these channels. */
export function maskWords(channels: number): number {
  return Math.ceil(channels / 32);
}

/** The shape of what relu let through, from the pool's result and the mask. */
export function relusOf(pooled: Buffer, mask: Buffer): Shape {
  return [...mask.shape.slice(0, 3), pooled.shape[3]!];
}

/** A pool of these attributes. */
export function maskedPool(pooled: Buffer, mask: Buffer, attributes: PoolAttributes): MaskedPool {
  const geometry = windowGeometry(relusOf(pooled, mask), attributes.window, pooled.shape, attributes);
  return { pooled, mask, geometry };
}

/** Takes relu's images, and keeps of them the mask and the pool. */
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
