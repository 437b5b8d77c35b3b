import type { Layout } from "../program/buffer.ts";
import { PANEL_COLUMNS } from "../runtime/sizes.generated.ts";
import type { Kernels } from "../runtime/kernels.ts";
import type { Memory } from "../runtime/memory.ts";
import { matrixDims, sizeOf, type Shape } from "../shape.ts";

const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** The place and the layout of a variable or a slot. */
export interface Place {
  /** In bytes. */
  readonly address: number;
  readonly layout: Layout;
}

/**
 * Reads and writes values that may lie in panels; they are row-major outside. The arena holds what is being converted.
 */
export class StoredValues {
  readonly #kernels: Kernels;
  readonly #memory: Memory;

  constructor(kernels: Kernels, memory: Memory) {
    this.#kernels = kernels;
    this.#memory = memory;
  }

  /** A row-major copy. */
  read(place: Place, shape: Shape): Float32Array {
    return this.view(place, shape).slice();
  }

  /** The same as a view of WASM memory, good until the next call of anything that uses the arena. */
  view({ address, layout }: Place, shape: Shape): Float32Array {
    const size = sizeOf(shape);
    if (layout === "plain") return viewFloats(this.#memory, address, size);
    const [k, n] = matrixDims(shape);
    const plain = this.#inArena(size);
    this.#kernels.unpackPanels(plain, address, k, n, 0, k);
    return viewFloats(this.#memory, plain, size);
  }

  /** Takes over row-major values. */
  set(place: Place, shape: Shape, values: ArrayLike<number>): void {
    this.write(place, shape, (address) => this.#memory.floats.set(values, address / FLOAT_BYTES));
  }

  /** Lets `fill` write row-major values, and brings them into the layout. */
  write({ address, layout }: Place, shape: Shape, fill: (address: number, size: number) => void): void {
    const size = sizeOf(shape);
    if (layout === "plain") {
      fill(address, size);
      return;
    }
    const [k, n] = matrixDims(shape);
    const plain = this.#inArena(size);
    fill(plain, size);
    this.#kernels.packPanels(address, plain, k, n, 0, 0, n / PANEL_COLUMNS);
  }

  /** A place for row-major values. The arena holds nothing of a run between runs. */
  #inArena(size: number): number {
    this.#memory.reserveArena(size * FLOAT_BYTES);
    return this.#memory.arenaBase;
  }
}

/** A copy of `size` floats at a byte address. */
export function readFloats(memory: Memory, address: number, size: number): Float32Array {
  return viewFloats(memory, address, size).slice();
}

function viewFloats({ floats }: Memory, address: number, size: number): Float32Array {
  const start = address / FLOAT_BYTES;
  return floats.subarray(start, start + size);
}
