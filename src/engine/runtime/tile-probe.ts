import type { Kernels } from "./kernels.generated.ts";
import type { Memory } from "./memory.ts";
import { kernelIn, type Tiles } from "./tiles.ts";

/** c [64,64] = a [64,128]·b [128,64], with both operands in the first-level cache: 30 to 50 µs once optimized. */
const [ROWS, COLUMNS, STEPS] = [64, 64, 128];

/** ProductLayout (assembly/gemm/product-layout.ts) of that product. */
const LAYOUT = [1, ROWS, COLUMNS, STEPS, 0, STEPS, 1, 0, COLUMNS, 16, 0];

/** Range of gemm: panels of 16 columns, one block of 64 rows. */
const MACRO_TILES = COLUMNS / 16;

/** Floats of a and of b together, and of all three. */
const OPERAND_FLOATS = (ROWS + COLUMNS) * STEPS;
const FLOATS = OPERAND_FLOATS + ROWS * COLUMNS;

/** Enough for V8 to see that a kernel is worth optimizing; 1 to 3 ms with what its first compiler makes of them. */
const WARM_UP_RUNS = 16;

/**
 * Milliseconds from the first training step on. Optimizing takes 5 to 20 ms on a thread of the engine's own, and longer
 * where that thread waits for a processor.
 */
export const TILES_ARE_CHOSEN_AFTER = 1000;

/**
 * Of each, one after the other in turns; the fastest counts. All together take 2 to 4 ms. Wide tiles need 0.94 of the plain
 * ones' time where registers are joined, and 1.11 where they are not: with so many runs a busy machine seldom errs.
 */
const TIMED_RUNS = 32;

/**
 * Finds out which tiles are faster here, by timing both on one small product. The bits are the same, so it decides speed
 * only. Nothing can be told before the engine has optimized the kernels, so this has two halves: `warmUp` makes the
 * engine begin with it, and `settle` measures, once, when that is surely done. Until then tiles are plain.
 */
export class TileProbe {
  readonly #kernels: Kernels;
  readonly #memory: Memory;
  #warmSince: number | undefined;
  #layout = 0;
  #settled: boolean;
  #tiles: Tiles;

  /** Tiles that are given are those, and nothing is measured. */
  constructor(kernels: Kernels, memory: Memory, given?: Tiles) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#settled = given !== undefined;
    this.#tiles = given ?? "plain";
  }

  /** The tiles to use now. */
  get tiles(): Tiles {
    return this.#tiles;
  }

  /** To be called before the first program is compiled that is worth a probe. Uses the arena; a second call does nothing. */
  warmUp(): void {
    if (this.#settled || this.#warmSince !== undefined) return;
    this.#layout = this.#memory.table(Int32Array.from(LAYOUT));
    this.#prepare();
    for (let run = 0; run < WARM_UP_RUNS; run++) {
      this.#multiply("plain");
      this.#multiply("wide");
    }
    this.#warmSince = performance.now();
  }

  /** To be called between two runs, when the arena holds nothing. True where `tiles` has changed. */
  settle(): boolean {
    if (this.#settled || this.#warmSince === undefined) return false;
    if (performance.now() - this.#warmSince < TILES_ARE_CHOSEN_AFTER) return false;
    this.#settled = true;
    this.#prepare();
    const fastest = { plain: Infinity, wide: Infinity };
    for (let run = 0; run < TIMED_RUNS; run++) {
      for (const tiles of ["plain", "wide"] as const) {
        fastest[tiles] = Math.min(fastest[tiles], this.#multiply(tiles));
      }
    }
    // A clock too coarse for this shows 0 for both.
    if (fastest.wide < fastest.plain) this.#tiles = "wide";
    return this.#tiles === "wide";
  }

  /** Ones to multiply: what lies in the arena may be denormal, which is slow. */
  #prepare(): void {
    this.#memory.reserveArena(FLOATS * Float32Array.BYTES_PER_ELEMENT);
    this.#kernels.fill(this.#memory.arenaBase, 1, 0, OPERAND_FLOATS);
  }

  /** Milliseconds of one product. */
  #multiply(tiles: Tiles): number {
    const a = this.#memory.arenaBase;
    const panels = a + ROWS * STEPS * Float32Array.BYTES_PER_ELEMENT;
    const c = a + OPERAND_FLOATS * Float32Array.BYTES_PER_ELEMENT;
    const gemm = this.#kernels[kernelIn(tiles, "gemm")] as Kernels["gemm"];
    const start = performance.now();
    gemm(c, a, panels, this.#layout, 0, 0, MACRO_TILES);
    return performance.now() - start;
  }
}
