import { checkCall, checkInput, checkOutput } from "../contract";
import {
  checkGeometry,
  firstInside,
  firstWindow,
  Geometry,
  inImage,
  lastInside,
  lastWindow,
  outImage,
} from "../conv/geometry";
import { zeroRun } from "../conv/runs";
import { at, loadLanes, storeLanes } from "../math/lanes";

// y[image, oy, ox, c] = the largest x in the part of the window inside the image. index is its tap ky * filterWidth +
// kx; of a tie it is the first tap. A NaN counts as largest.
//
//   y         [batch, outHeight, outWidth, channels]
//   index     i32s, shaped like y
//   x         [batch, inHeight, inWidth, channels]
//   geometry  conv/geometry.ts, with inChannels = channels
//
// All buffers are 4-byte aligned and do not overlap. Taps are compared ascending (ky, kx). The range is output rows,
// image * outHeight + oy.
export function maxPool(y: usize, index: usize, x: usize, geometry: usize, begin: i32, end: i32): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inChannels;
  if (!ASC_NO_ASSERT) {
    checkCall("maxPool", begin, end, g.batch * g.outHeight);
    checkGeometry(g);
    checkOutput("y", y, g.batch * outImage(g));
    checkOutput("index", index, g.batch * outImage(g));
    checkInput("x", x, g.batch * inImage(g));
  }
  for (let row = begin; row < end; row++) {
    const image = row / g.outHeight;
    const top = (row - image * g.outHeight) * g.strideHeight - g.padTop;
    const from = at(x, image * g.inHeight * g.inWidth * channels);
    for (let ox = 0; ox < g.outWidth; ox++) {
      const to = (row * g.outWidth + ox) * channels;
      const left = ox * g.strideWidth - g.padLeft;
      for (let c = 0; c < channels; c += 4) {
        maxOfWindow(at(y, to + c), at(index, to + c), at(from, c), g, top, left, channels - c);
      }
    }
  }
}

function maxOfWindow(y: usize, index: usize, x: usize, g: Geometry, top: i32, left: i32, count: i32): void {
  const firstX = firstInside(left);
  const lastX = lastInside(left, g.filterWidth, g.inWidth);
  const firstY = firstInside(top);
  const lastY = lastInside(top, g.filterHeight, g.inHeight);
  let best = f32x4.splat(-Infinity);
  let where = i32x4.splat(firstY * g.filterWidth + firstX);
  for (let ky = firstY; ky < lastY; ky++) {
    const line = at(x, ((top + ky) * g.inWidth + left) * g.inChannels);
    for (let kx = firstX; kx < lastX; kx++) {
      const value = loadLanes(at(line, kx * g.inChannels), count);
      const better = v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
      best = v128.bitselect(value, best, better);
      where = v128.bitselect(i32x4.splat(ky * g.filterWidth + kx), where, better);
    }
  }
  storeLanes(y, best, count);
  storeLanes(index, where, count);
}

// dx[image, iy, ix, c] = Σ of dy over the windows of which the pixel was the largest element. Buffers as in maxPool;
// the kernel overwrites dx. A sum is one chain from 0, ascending (oy, ox). The range is input rows, image * inHeight +
// iy.
export function maxPoolGrad(dx: usize, dy: usize, index: usize, geometry: usize, begin: i32, end: i32): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inChannels;
  if (!ASC_NO_ASSERT) {
    checkCall("maxPoolGrad", begin, end, g.batch * g.inHeight);
    checkGeometry(g);
    checkOutput("dx", dx, g.batch * inImage(g));
    checkInput("dy", dy, g.batch * outImage(g));
    checkInput("index", index, g.batch * outImage(g));
  }
  for (let row = begin; row < end; row++) {
    const image = row / g.inHeight;
    const y = row - image * g.inHeight + g.padTop;
    const to = at(dx, row * g.inWidth * channels);
    zeroRun(to, g.inWidth * channels);
    const last = lastWindow(y, g.strideHeight, g.outHeight);
    for (let oy = firstWindow(y, g.filterHeight, g.strideHeight); oy <= last; oy++) {
      const line = (image * g.outHeight + oy) * g.outWidth * channels;
      routeLine(to, at(dy, line), at(index, line), g, (y - oy * g.strideHeight) * g.filterWidth);
    }
  }
}

// Adds one line of dy to one line of dx. firstTap is the number of tap (ky, 0), where ky is the row of the windows in
// which dx lies.
function routeLine(dx: usize, dy: usize, index: usize, g: Geometry, firstTap: i32): void {
  const channels = g.inChannels;
  for (let ix = 0; ix < g.inWidth; ix++) {
    const x = ix + g.padLeft;
    const last = lastWindow(x, g.strideWidth, g.outWidth);
    for (let ox = firstWindow(x, g.filterWidth, g.strideWidth); ox <= last; ox++) {
      const tap = i32x4.splat(firstTap + x - ox * g.strideWidth);
      const from = ox * channels;
      addWhere(at(dx, ix * channels), at(dy, from), at(index, from), channels, tap);
    }
  }
}

// dx[c] += index[c] == tap ? dy[c] : 0.
function addWhere(dx: usize, dy: usize, index: usize, channels: i32, tap: v128): void {
  for (let c = 0; c < channels; c += 4) {
    const count = channels - c;
    const chosen = i32x4.eq(loadLanes(at(index, c), count), tap);
    const gradient = v128.and(loadLanes(at(dy, c), count), chosen);
    storeLanes(at(dx, c), f32x4.add(loadLanes(at(dx, c), count), gradient), count);
  }
}
