import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { blockSteps, multiplyBlock } from "./block";
import { packRows } from "./pack-panels";
import { lastPrefetchOf } from "./prefetch";

// Panels of C that share a block of k. Their weights lie one after the other, so that the processor prefetches them by
// itself.
const PANELS_TOGETHER = 8;

// C = (accumulate ? C : 0) + A * transposed W: the input gradient of a dense layer. W lies in the panels by which it
// multiplies from the right.
//
//   c         row-major [m, n]
//   a         row-major [m, k]
//   panels    W [n, k] as packPanels leaves it: [ceil(k/16)][n][16]
//   scratch   blockSteps(k) * 16 floats (block.ts), one buffer for each thread
//
// All buffers are 4-byte aligned and no two overlap; all sizes are at least 1. The kernel gives the bits of gemm with W
// transposed and packed: it takes k in the same blocks. It transposes each block of weights, 16 columns wide, on its
// way through the first-level cache and then uses it for all m rows. Sums of products along the panels' own lines would
// need no transposition, but they measured a fifth slower, and half as fast in wide registers.
//
// The range is panels of C, 16 columns each.
export function gemmPanelsTransposed(
  c: usize,
  a: usize,
  panels: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  accumulate: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) checkTransposed("gemmPanelsTransposed", c, a, panels, scratch, m, n, k, begin, end);
  multiplyTransposed(c, a, panels, scratch, m, n, k, accumulate != 0, begin, end, false);
}

// gemmPanelsTransposed with the same bits, in the tiles of gemmWide.
export function gemmPanelsTransposedWide(
  c: usize,
  a: usize,
  panels: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  accumulate: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) checkTransposed("gemmPanelsTransposedWide", c, a, panels, scratch, m, n, k, begin, end);
  multiplyTransposed(c, a, panels, scratch, m, n, k, accumulate != 0, begin, end, true);
}

function checkTransposed(
  kernel: string,
  c: usize,
  a: usize,
  panels: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  begin: i32,
  end: i32,
): void {
  checkCall(kernel, begin, end, (n + 15) >> 4);
  checkSize("m", m);
  checkSize("n", n);
  checkSize("k", k);
  checkOutput("c", c, m * n);
  checkOutput("scratch", scratch, 16 * blockSteps(k));
  checkInput("a", a, m * k);
  checkInput("panels", panels, ((k + 15) >> 4) * n * 16);
}

function multiplyTransposed(
  c: usize,
  a: usize,
  panels: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  accumulate: bool,
  begin: i32,
  end: i32,
  wide: bool,
): void {
  const cRow = (<usize>n) << 2;
  const aRow = (<usize>k) << 2;
  const panelBytes = (<usize>n) << 6;
  const most = blockSteps(k);
  const lastPrefetch = lastPrefetchOf(panels, ((k + 15) >> 4) * n, panelBytes);
  for (let first = begin; first < end; first += PANELS_TOGETHER) {
    const last = min(first + PANELS_TOGETHER, end);
    for (let step = 0; step < k; step += most) {
      const steps = min(most, k - step);
      const weights = panels + <usize>(step >> 4) * panelBytes;
      for (let panel = first; panel < last; panel++) {
        const columns = min(16, n - (panel << 4));
        const from = weights + ((<usize>panel) << 10);
        const next =
          panel + 1 < last ? from + 1024 : weights + <usize>(most >> 4) * panelBytes + ((<usize>first) << 10);
        const to = c + ((<usize>panel) << 6);
        const rowsOfA = a + ((<usize>step) << 2);
        transposeBlock(scratch, from, panelBytes, steps, columns);
        multiplyBlock(
          to,
          rowsOfA,
          scratch,
          m,
          columns,
          steps,
          cRow,
          aRow,
          4,
          accumulate || step > 0,
          next,
          panelBytes,
          lastPrefetch,
          wide,
        );
      }
    }
  }
}

// scratch[s][j] = W[j][s] for s < steps and j < columns, 0 for the other j. W starts at `from`; every 16 steps lie in
// another panel.
export function transposeBlock(scratch: usize, from: usize, panelBytes: usize, steps: i32, columns: i32): void {
  for (let s = 0; s < steps; s += 16) {
    packRows(scratch + ((<usize>s) << 6), from, 16, columns);
    from += panelBytes;
  }
}
