import { sizeOf, type Shape } from "../shape.ts";
import type { Resident } from "./resident.ts";

/**
 * A piece of memory that a program reads and writes: a resident (a variable, a table), or a place in the arena. The
 * memory plan gives a buffer in the arena an offset that is its own between its first and its last step.
 */
export class Storage {
  /** In bytes, of all copies. */
  readonly byteLength: number;
  /** Bytes from one thread's copy to the next; 0 where all threads share one. */
  readonly threadStride: number;
  /** The resident that stays here between runs; undefined in the arena. */
  readonly resident: Resident | undefined;
  /** First step that uses it; −1 means before the program (a feed). */
  firstStep: number = Infinity;
  /** Last step that uses it; Infinity means after the program (a fetch). */
  lastStep: number = -Infinity;
  /** Offset in the arena in bytes, once planned. */
  arenaOffset: number = 0;
  /** Number of readers still to come; the last one may write its result in place. */
  readersLeft: number = 0;
  /** Number of the contents it has had. It grows when a result is written in place. */
  generation: number = 0;

  constructor(byteLength: number, resident?: Resident, threadStride = 0) {
    this.byteLength = byteLength;
    this.resident = resident;
    this.threadStride = threadStride;
  }

  /** Extends its lifetime to this step. */
  touch(step: number): void {
    this.firstStep = Math.min(this.firstStep, step);
    this.lastStep = Math.max(this.lastStep, step);
  }
}

/** The layout of a tensor's numbers: row-major, or a matrix [k,n] as the panels [n/16][k][16] that products read. */
export type Layout = "plain" | "panels";

/** A tensor's numbers inside a program: a shape on a storage. */
export class Buffer {
  readonly shape: Shape;
  readonly size: number;
  readonly layout: Layout;
  #storage: Storage;
  #offset: number;

  constructor(shape: Shape, storage: Storage, offset = 0, layout: Layout = "plain") {
    this.shape = shape;
    this.size = sizeOf(shape);
    this.layout = layout;
    this.#storage = storage;
    this.#offset = offset;
  }

  get storage(): Storage {
    return this.#storage;
  }

  /** Start within the storage, in elements. */
  get offset(): number {
    return this.#offset;
  }

  /** Moves it to another storage, before it has been written. */
  moveTo(storage: Storage, offset: number): void {
    this.#storage = storage;
    this.#offset = offset;
  }

  /** `size` elements from element `start` on, as a vector on the same storage. */
  part(start: number, size: number): Buffer {
    return new Buffer([size], this.#storage, this.#offset + start);
  }
}
