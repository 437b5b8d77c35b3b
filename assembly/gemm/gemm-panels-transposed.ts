import { blockSteps, multiplyBlock } from "./block";
import { packRows } from "./pack-panels";
import { lastTouchOf } from "./touch";

// Panels of C that share a block of k. Their weights lie one after the other, so that the processor fetches ahead by itself.
const PANELS_TOGETHER = 8;

// C = (accumulate ? C : 0) + A * transposed W, where W lies in the panels by which it multiplies from the right: the input gradient of a dense layer.
//
//   c         row-major [m, n]
//   a         row-major [m, k]
//   panels    W [n, k] as packPanels leaves it: [ceil(k/16)][n][16]
//   scratch   blockSteps(k) * 16 floats of the calling thread's own (block.ts)
//
// All 4-byte aligned, all sizes >= 1; no two overlap.
// The bits of gemm with W transposed and packed: k in the same blocks, and so on. Each block of weights, 16 wide, is transposed on its
// way through the first-level cache and then used for all m rows. Sums of products along the panels' own lines need no
// transposition, but measured a fifth slower, and half as fast in wide registers.
//
// Range: panels of C, 16 columns each.
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
  multiplyTransposed(c, a, panels, scratch, m, n, k, accumulate != 0, begin, end, false);
}

// gemmPanelsTransposed, the same bits, with gemmWide's tiles.
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
  multiplyTransposed(c, a, panels, scratch, m, n, k, accumulate != 0, begin, end, true);
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
  const lastTouch = lastTouchOf(panels, ((k + 15) >> 4) * n, panelBytes);
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
          lastTouch,
          wide,
        );
      }
    }
  }
}

// scratch[s][j] = W[j][s] for s < steps and j < columns, 0 for the other j; W starts at `from`, every 16 steps in another panel.
export function transposeBlock(scratch: usize, from: usize, panelBytes: usize, steps: i32, columns: i32): void {
  for (let s = 0; s < steps; s += 16) {
    packRows(scratch + ((<usize>s) << 6), from, 16, columns);
    from += panelBytes;
  }
}
