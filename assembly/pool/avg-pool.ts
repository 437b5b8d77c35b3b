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
import { sumTaps } from "./tap-sums";

// y[image, oy, ox, c] = mean of x over the part of the window inside the image.
//
//   y         [batch, outHeight, outWidth, channels]
//   x         [batch, inHeight, inWidth, channels]
//   geometry  conv/geometry.ts, with inChannels = channels
//
// All buffers are 4-byte aligned and do not overlap. A mean is one chain from 0, ascending (ky, kx), and then a
// division. The range is output rows, image * outHeight + oy.
export function avgPool(y: usize, x: usize, geometry: usize, begin: i32, end: i32): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inChannels;
  if (!ASC_NO_ASSERT) {
    checkCall("avgPool", begin, end, g.batch * g.outHeight);
    checkGeometry(g);
    checkOutput("y", y, g.batch * outImage(g));
    checkInput("x", x, g.batch * inImage(g));
  }
  const line = g.inWidth * channels;
  for (let row = begin; row < end; row++) {
    const image = row / g.outHeight;
    const top = (row - image * g.outHeight) * g.strideHeight - g.padTop;
    const ky = firstInside(top);
    const rows = lastInside(top, g.filterHeight, g.inHeight) - ky;
    const from = at(x, (image * g.inHeight + top + ky) * line);
    const to = at(y, row * g.outWidth * channels);
    for (let ox = 0; ox < g.outWidth; ox++) {
      const left = ox * g.strideWidth - g.padLeft;
      const kx = firstInside(left);
      const taps = lastInside(left, g.filterWidth, g.inWidth) - kx;
      const count = <f32>(rows * taps);
      sumTaps(
        at(to, ox * channels),
        at(from, (left + kx) * channels),
        rows,
        taps,
        line << 2,
        channels << 2,
        channels,
        count,
      );
    }
  }
}

// dx[image, iy, ix, c] = Σ over the windows that cover the pixel of dy / (that window's elements inside the image).
// Buffers as in avgPool; the kernel overwrites dx. A sum is one chain from 0, ascending (oy, ox). The range is input
// rows, image * inHeight + iy.
export function avgPoolGrad(dx: usize, dy: usize, geometry: usize, begin: i32, end: i32): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inChannels;
  if (!ASC_NO_ASSERT) {
    checkCall("avgPoolGrad", begin, end, g.batch * g.inHeight);
    checkGeometry(g);
    checkOutput("dx", dx, g.batch * inImage(g));
    checkInput("dy", dy, g.batch * outImage(g));
  }
  for (let row = begin; row < end; row++) {
    const image = row / g.inHeight;
    const y = row - image * g.inHeight + g.padTop;
    const to = at(dx, row * g.inWidth * channels);
    zeroRun(to, g.inWidth * channels);
    const last = lastWindow(y, g.strideHeight, g.outHeight);
    for (let oy = firstWindow(y, g.filterHeight, g.strideHeight); oy <= last; oy++) {
      const top = oy * g.strideHeight - g.padTop;
      const rows = lastInside(top, g.filterHeight, g.inHeight) - firstInside(top);
      spreadLine(to, at(dy, (image * g.outHeight + oy) * g.outWidth * channels), g, rows);
    }
  }
}

// Adds one line of dy to one line of dx; `rows` is the number of rows of its windows inside the image.
function spreadLine(dx: usize, dy: usize, g: Geometry, rows: i32): void {
  const channels = g.inChannels;
  for (let ix = 0; ix < g.inWidth; ix++) {
    const x = ix + g.padLeft;
    const last = lastWindow(x, g.strideWidth, g.outWidth);
    for (let ox = firstWindow(x, g.filterWidth, g.strideWidth); ox <= last; ox++) {
      const left = ox * g.strideWidth - g.padLeft;
      const taps = lastInside(left, g.filterWidth, g.inWidth) - firstInside(left);
      addQuotient(at(dx, ix * channels), at(dy, ox * channels), channels, <f32>(rows * taps));
    }
  }
}

// dx[c] += dy[c] / count.
function addQuotient(dx: usize, dy: usize, channels: i32, count: f32): void {
  const divisor = f32x4.splat(count);
  let c = 0;
  for (; c <= channels - 4; c += 4) {
    v128.store(at(dx, c), f32x4.add(v128.load(at(dx, c)), f32x4.div(v128.load(at(dy, c)), divisor)));
  }
  if (c < channels) {
    const rest = channels - c;
    const quotient = f32x4.div(loadLanes(at(dy, c), rest), divisor);
    storeLanes(at(dx, c), f32x4.add(loadLanes(at(dx, c), rest), quotient), rest);
  }
}
