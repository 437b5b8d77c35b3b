import type { Kernels } from "./kernels.generated.ts";

/** The register tiles of products: plain ones for registers of 128 bits, wide ones for registers of 256 bits. */
export type Tiles = "plain" | "wide";

const WIDE: Partial<Record<keyof Kernels, keyof Kernels>> = {
  gemm: "gemmWide",
  gemmPanelsTransposed: "gemmPanelsTransposedWide",
  sparseTimesPanels: "sparseTimesPanelsWide",
  sparseTimesPanelsTransposed: "sparseTimesPanelsTransposedWide",
  transposedTimesSparse: "transposedTimesSparseWide",
};

/** The kernel with the same bits in these tiles. */
export function kernelIn(tiles: Tiles, kernel: keyof Kernels): keyof Kernels {
  return (tiles === "wide" ? WIDE[kernel] : undefined) ?? kernel;
}
