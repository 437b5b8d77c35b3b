import type { Kernels } from "./kernels.generated.ts";

/** In which register tiles products are computed: those for registers of 128 bits, or those for pairs joined by the engine. */
export type Tiles = "plain" | "wide";

const WIDE: Partial<Record<keyof Kernels, keyof Kernels>> = {
  gemm: "gemmWide",
  gemmPanelsTransposed: "gemmPanelsTransposedWide",
  sparseTimesPanels: "sparseTimesPanelsWide",
  sparseTimesPanelsTransposed: "sparseTimesPanelsTransposedWide",
  transposedTimesSparse: "transposedTimesSparseWide",
};

/** The kernel that does the same, bit for bit, in these tiles. */
export function kernelIn(tiles: Tiles, kernel: keyof Kernels): keyof Kernels {
  return (tiles === "wide" ? WIDE[kernel] : undefined) ?? kernel;
}
