import { checkAtLeast, checkAtMost } from "../contract";
import { checkGeometry, Geometry } from "../conv/geometry";

// Pool windows that cover every pixel exactly once: the filter is the stride, and no pixel is left over. The rows and
// columns of window (oy, ox) inside the image are firstRow .. endRow - 1 and firstColumn .. endColumn - 1.

export function firstRow(g: Geometry, oy: i32): i32 {
  return max<i32>(oy * g.strideHeight - g.padTop, 0);
}

export function endRow(g: Geometry, oy: i32): i32 {
  return min<i32>((oy + 1) * g.strideHeight - g.padTop, g.inHeight);
}

export function firstColumn(g: Geometry, ox: i32): i32 {
  return max<i32>(ox * g.strideWidth - g.padLeft, 0);
}

export function endColumn(g: Geometry, ox: i32): i32 {
  return min<i32>((ox + 1) * g.strideWidth - g.padLeft, g.inWidth);
}

// Checks that the windows of a geometry do so (../contract.ts).
export function checkCovering(g: Geometry): void {
  checkGeometry(g);
  checkAtLeast("filterHeight", g.filterHeight, g.strideHeight);
  checkAtMost("filterHeight", g.filterHeight, g.strideHeight);
  checkAtLeast("filterWidth", g.filterWidth, g.strideWidth);
  checkAtMost("filterWidth", g.filterWidth, g.strideWidth);
  checkAtLeast("outHeight * strideHeight", g.outHeight * g.strideHeight, g.inHeight + g.padTop);
  checkAtLeast("outWidth * strideWidth", g.outWidth * g.strideWidth, g.inWidth + g.padLeft);
}
