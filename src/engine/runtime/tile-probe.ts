import type { Kernels } from "./kernels.generated.ts";
import type { Memory } from "./memory.ts";
import { PANEL_COLUMNS, TILE_ROWS } from "./sizes.generated.ts";
import { kernelIn, type Tiles } from "./tiles.ts";

/** c [64,64] = a [64,128]·b [128,64], with both operands in the first-level cache: 30 to 50 µs once optimized. */
const [ROWS, COLUMNS, STEPS] = [TILE_ROWS, 64, 128];

/** ProductLayout (assembly/gemm/product-layout.ts) of that product. */
const LAYOUT = [1, ROWS, COLUMNS, STEPS, 0, STEPS, 1, 0, COLUMNS, PANEL_COLUMNS, 0];

/** The range of gemm: all panels of b, and one block of rows. */
const MACRO_TILES = COLUMNS / PANEL_COLUMNS;

/** Floats of a and of b together, and of all three. */
const OPERAND_FLOATS = (ROWS + COLUMNS) * STEPS;
const FLOATS = OPERAND_FLOATS + ROWS * COLUMNS;

/** Runs after which V8 begins to optimize a kernel. In the code of its first compiler they take 1 to 3 ms. */
const WARM_UP_RUNS = 16;

/**
 * Milliseconds from the first training step to the choice. The engine optimizes on a thread of its own in 5 to 20 ms,
 * and longer where that thread waits for a processor.
 */
export const TILES_ARE_CHOSEN_AFTER = 1000;

/**
 * Number of timed runs of each kernel. The kernels alternate, and the fastest run counts. Together the runs take 2 to 4
 * ms. Wide tiles need 0.94 of the plain tiles' time in wide registers, and 1.11 without them. With this number of runs
 * even a busy machine seldom errs.
 */
const TIMED_RUNS = 32;

/**
 * Finds out which tiles are faster here by timing both on one small product. The bits are the same, so the choice
 * decides speed only. A measurement means nothing before the engine has optimized the kernels. So there are two halves:
 * `warmUp` makes the engine begin, and `choose` measures once, when the engine has surely finished. Until then tiles
 * are plain.
 */
export class TileProbe {
  readonly #kernels: Kernels;
  readonly #memory: Memory;
  #warmSince: number | undefined;
  #layout = 0;
  #chosen: boolean;
  #tiles: Tiles;

  /** Given tiles stay, and no measurement is made. */
  constructor(kernels: Kernels, memory: Memory, given?: Tiles) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#chosen = given !== undefined;
    this.#tiles = given ?? "plain";
  }

  /** The tiles to use now. */
  get tiles(): Tiles {
    return this.#tiles;
  }

  /** Call it before a program that is worth a probe is compiled. It uses the arena; a second call does nothing. */
  warmUp(): void {
    if (this.#chosen || this.#warmSince !== undefined) return;
    this.#layout = this.#memory.table(Int32Array.from(LAYOUT));
    this.#prepare();
    for (let run = 0; run < WARM_UP_RUNS; run++) {
      this.#multiply("plain");
      this.#multiply("wide");
    }
    this.#warmSince = performance.now();
  }

  /** Call it between two runs, when the arena holds nothing. Returns true if `tiles` has changed. */
  choose(): boolean {
    if (this.#chosen || this.#warmSince === undefined) return false;
    if (performance.now() - this.#warmSince < TILES_ARE_CHOSEN_AFTER) return false;
    this.#chosen = true;
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

  /** Fills the operands with ones: the numbers in the arena may be denormal, which is slow. */
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
