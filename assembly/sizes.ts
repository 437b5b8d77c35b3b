// The sizes by which the compiler in src/ shares out ranges and scratch memory. build.mjs reads them from here and
// writes them to src/engine/runtime/sizes.generated.ts, so that no size stands twice. No kernel imports this file.
export { FLOPS_PER_ROUND } from "./bench/multiply-add-loop";
export { PLANES as FFT_PLANES, POINTS as FFT_POINTS, SCRATCH_FLOATS as FFT_SCRATCH_FLOATS } from "./fft/spectrum";
export { LONG_BLOCK_STEPS, LONG_SUM_STEPS, SHORT_BLOCK_STEPS } from "./gemm/block";
export { TILE_ROWS } from "./gemm/gemm";
export { PANEL_COLUMNS } from "./gemm/product-layout";
export { TILE_COLUMNS as SPARSE_TILE_COLUMNS, TILE_FLOATS as SPARSE_TILE_FLOATS } from "./gemm/sparse-tile";
export { LANES } from "./math/lanes";
export { BLOCK_ROWS } from "./reduce/row-sums";
export {
  PLANES as WINOGRAD_PLANES,
  POINTS as WINOGRAD_POINTS,
  SCRATCH_FLOATS as WINOGRAD_SCRATCH_FLOATS,
  TILE as WINOGRAD_TILE,
} from "./winograd/tile";
