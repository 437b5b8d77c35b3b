import { Geometry } from "../conv/geometry";
import { at, loadLanes } from "../math/lanes";
import { endColumn, endRow, firstColumn, firstRow } from "./covering-windows";
import { lanesWith, wordsOf } from "./mask";

// The result of maskedAvgPoolGrad at one pixel, for the four channels from `channel` on, a multiple of four. `left` of
// them are channels; the others are 0.
export function gradientLanes(
  dy: usize,
  mask: usize,
  g: Geometry,
  image: i32,
  iy: i32,
  ix: i32,
  channel: i32,
  left: i32,
): v128 {
  const oy = (iy + g.padTop) / g.strideHeight;
  const ox = (ix + g.padLeft) / g.strideWidth;
  const rows = endRow(g, oy) - firstRow(g, oy);
  const columns = endColumn(g, ox) - firstColumn(g, ox);
  const from = at(dy, ((image * g.outHeight + oy) * g.outWidth + ox) * g.inChannels + channel);
  const pixel = (image * g.inHeight + iy) * g.inWidth + ix;
  const bits = v128.load32_splat(at(mask, pixel * wordsOf(g.inChannels) + (channel >> 5)));
  const share = f32x4.div(loadLanes(from, left), f32x4.splat(<f32>(rows * columns)));
  return v128.and(share, lanesWith(bits, i32x4.shl(i32x4(1, 2, 4, 8), channel & 31)));
}
