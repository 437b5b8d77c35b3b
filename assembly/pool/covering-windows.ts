import { Geometry } from "../conv/geometry";

// Pool windows that cover every pixel once (filter = stride, and none left over): the rows and columns of window (oy, ox) inside the
// image are firstRow .. endRow - 1 and firstColumn .. endColumn - 1.

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
