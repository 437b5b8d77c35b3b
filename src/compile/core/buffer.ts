import { sizeOf, type Shape } from "../../shape.ts";

/**
 * A stretch of memory a program reads and writes: at a fixed address (a variable, a table), or in the arena, where the
 * memory plan gives it an offset that is its own between its first and its last call.
 */
export class Storage {
  /** In bytes. */
  readonly byteLength: number;
  /** Of a variable or table; undefined in the arena. */
  readonly address: number | undefined;
  /** First call that touches it; −1 is before the program (a feed). */
  firstCall: number = Infinity;
  /** Last call that touches it; Infinity is after the program (a fetch). */
  lastCall: number = -Infinity;
  /** Offset in the arena in bytes, once planned. */
  arenaOffset: number = 0;
  /** Readers still to come; the last one may write its result in place. */
  readersLeft: number = 0;
  /** Counts the contents it has had: grows when a result is written in place. */
  generation: number = 0;

  constructor(byteLength: number, address?: number) {
    this.byteLength = byteLength;
    this.address = address;
  }

  /** Extends its lifetime to this call. */
  touch(call: number): void {
    this.firstCall = Math.min(this.firstCall, call);
    this.lastCall = Math.max(this.lastCall, call);
  }
}

/** A tensor's numbers inside a program: a shape on a storage. */
export class Buffer {
  readonly shape: Shape;
  readonly size: number;
  #storage: Storage;
  #offset: number;

  constructor(shape: Shape, storage: Storage, offset = 0) {
    this.shape = shape;
    this.size = sizeOf(shape);
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

  /** Puts it elsewhere, before anything has written it. */
  moveTo(storage: Storage, offset: number): void {
    this.#storage = storage;
    this.#offset = offset;
  }

  /** `size` elements from element `start` on, as a vector on the same storage. */
  part(start: number, size: number): Buffer {
    return new Buffer([size], this.#storage, this.#offset + start);
  }

  /** The byte address for an arena that starts at `arenaBase`. */
  addressIn(arenaBase: number): number {
    const { address, arenaOffset } = this.#storage;
    return (address ?? arenaBase + arenaOffset) + this.#offset * Float32Array.BYTES_PER_ELEMENT;
  }
}
