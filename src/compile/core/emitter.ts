import type { Shape } from "../../shape.ts";
import { sizeOf } from "../../shape.ts";
import type { Kernels } from "../../runtime/kernels.ts";
import type { Memory } from "../../runtime/memory.ts";
import { Buffer, Storage } from "./buffer.ts";

/** A kernel's name. */
export type KernelName = keyof Kernels;

/** A kernel's arguments before its range; an address is given as a buffer. */
export type KernelArguments<K extends KernelName> = K extends KernelName ? AddressesOf<Kernels[K]> : never;

type AddressesOf<F> = F extends (...parameters: [...infer Head extends number[], begin: number, end: number]) => void
  ? { [I in keyof Head]: number | Buffer }
  : never;

/** One kernel call of a program. Threads split [0, extent). */
export interface Call {
  readonly kernel: KernelName;
  readonly args: readonly (number | Buffer)[];
  readonly extent: number;
}

/** What an operation's `lower` writes to: the list of kernel calls and the buffers they need. */
export class Emitter {
  readonly calls: Call[] = [];
  readonly storages: Storage[] = [];
  readonly #memory: Memory;
  readonly #panels = new Map<string, Buffer>();
  readonly #storageNumbers = new Map<Storage, number>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Appends a kernel call over [0, extent) of the kernel's parallel dimension. */
  call<K extends KernelName>(kernel: K, args: KernelArguments<K>, extent: number): void {
    for (const arg of args as readonly (number | Buffer)[]) {
      if (arg instanceof Buffer) arg.storage.touch(this.calls.length);
    }
    this.calls.push({ kernel, args: args, extent });
  }

  /** A buffer in the arena, alive between its first and its last call. */
  scratch(shape: Shape): Buffer {
    const storage = new Storage(sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT);
    this.storages.push(storage);
    return new Buffer(shape, storage);
  }

  /** Integers at a fixed address: strides, window geometry. */
  integers(values: readonly number[]): Buffer {
    return this.#table(Int32Array.from(values));
  }

  /** Floats at a fixed address: small matrices. */
  floats(values: ArrayLike<number>): Buffer {
    return this.#table(Float32Array.from(values));
  }

  #table(values: Int32Array | Float32Array): Buffer {
    return new Buffer([values.length], new Storage(values.byteLength, this.#memory.table(values)));
  }

  /** Lets y be x under another shape, without a copy. */
  alias(y: Buffer, x: Buffer): void {
    y.moveTo(x.storage, x.offset);
  }

  /**
   * Lets y take x's memory where nothing else will read x and y is not written yet, so that the kernel works in place.
   * Where that may not be, y stays where it is and the answer is false.
   */
  inPlace(y: Buffer, x: Buffer): boolean {
    const { storage } = x;
    const lastReader = storage.readersLeft === 1 && storage.address === undefined && storage.firstCall >= 0;
    if (!lastReader || x.size !== y.size || x.offset !== 0) return false;
    storage.generation++;
    y.moveTo(storage, 0);
    return true;
  }

  /**
   * b [k,n] (or [n,k] where transposed) as the column panels [⌈n/16⌉][k][16] the micro-kernel reads. Packed once a
   * program for each content, however many products read it.
   */
  panels(b: Buffer, k: number, n: number, transposed: boolean): Buffer {
    const key = `${this.#numberOf(b.storage)}.${b.storage.generation}+${b.offset}:${k}x${n}${transposed ? "T" : ""}`;
    const known = this.#panels.get(key);
    if (known !== undefined) return known;
    const count = Math.ceil(n / PANEL_COLUMNS);
    const panels = this.scratch([count, k, PANEL_COLUMNS]);
    this.call("packPanels", [panels, b, k, n, Number(transposed)], count);
    this.#panels.set(key, panels);
    return panels;
  }

  #numberOf(storage: Storage): number {
    const known = this.#storageNumbers.get(storage);
    if (known !== undefined) return known;
    this.#storageNumbers.set(storage, this.#storageNumbers.size);
    return this.#storageNumbers.size - 1;
  }
}

/** Columns of a GEMM panel and of its macro tile. */
export const PANEL_COLUMNS = 16;

/** Rows of a GEMM macro tile. */
export const TILE_ROWS = 64;
