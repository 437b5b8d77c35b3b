import { checkCall, checkInput, checkOutput } from "../contract";
import { at } from "../math/lanes";
import { checkGeometry, firstWindow, Geometry, inImage, lastWindow, patchOf, positionsOf } from "./geometry";
import { zeroRun } from "./runs";

// The adjoint of im2col: dx[image, iy, ix, c] = Σ of the elements of columns that im2col copies from there.
//
//   dx       [batch, inHeight, inWidth, inChannels]; the kernel overwrites images firstImage + begin … firstImage + end
//            - 1
//   columns  the rows of the images from firstImage on: outHeight * outWidth an image, each row
//            [filterHeight, filterWidth, inChannels]
//
// All buffers are 4-byte aligned and do not overlap. The kernel goes through dx line by line, and a line stays in the
// cache while it is summed: one chain from 0 for each element, taps ascending (kx, ky). The range is images, counted
// from firstImage.
export function col2im(dx: usize, columns: usize, geometry: usize, firstImage: i32, begin: i32, end: i32): void {
  const g = changetype<Geometry>(geometry);
  if (!ASC_NO_ASSERT) {
    checkCall("col2im", begin, end, g.batch - firstImage);
    checkGeometry(g);
    checkOutput("dx", at(dx, (firstImage + begin) * inImage(g)), (end - begin) * inImage(g));
    checkInput("columns", columns, end * positionsOf(g) * patchOf(g));
  }
  const line = g.inWidth * g.inChannels;
  const patch = g.filterHeight * g.filterWidth * g.inChannels;
  for (let image = begin; image < end; image++) {
    const rows = at(columns, image * g.outHeight * g.outWidth * patch);
    const pixels = at(dx, (firstImage + image) * g.inHeight * line);
    for (let iy = 0; iy < g.inHeight; iy++) sumLine(at(pixels, iy * line), rows, g, patch, iy + g.padTop);
  }
}

// Sums one line of dx; y is its coordinate, the padding above included. Tap kx reaches the pixels ox * strideWidth + kx
// - padLeft.
function sumLine(pixels: usize, rows: usize, g: Geometry, patch: i32, y: i32): void {
  const channels = g.inChannels;
  const stride = g.strideWidth;
  const firstRow = firstWindow(y, g.filterHeight, g.strideHeight);
  const lastRow = lastWindow(y, g.strideHeight, g.outHeight);
  const lines = lastRow - firstRow + 1;
  // A window further up sees the same line further down.
  const down = g.strideHeight * g.filterWidth * channels - g.outWidth * patch;
  zeroRun(pixels, g.inWidth * channels);
  for (let kx = 0; kx < g.filterWidth; kx++) {
    const shift = kx - g.padLeft;
    const ox = max<i32>(0, (stride - 1 - shift) / stride);
    const count = min<i32>(g.outWidth, (g.inWidth - shift + stride - 1) / stride) - ox;
    const to = at(pixels, (ox * stride + shift) * channels);
    const tap = (y - lastRow * g.strideHeight) * g.filterWidth + kx;
    let from = at(rows, (lastRow * g.outWidth + ox) * patch + tap * channels);
    let k = 0;
    if (channels == 1) {
      for (; k <= lines - 2; k += 2, from += down << 3) addPairs(to, stride, from, from + (down << 2), patch, count);
      if (k < lines) addElements(to, stride, from, patch, count);
    } else {
      for (; k < lines; k++, from += down << 2) addRuns(to, stride * channels, from, patch, count, channels);
    }
  }
}

// y[i * yStep] += x[i * xStep], 0 <= i < count.
function addElements(y: usize, yStep: i32, x: usize, xStep: i32, count: i32): void {
  for (let i = 0; i < count; i++, y += yStep << 2, x += xStep << 2) store<f32>(y, load<f32>(y) + load<f32>(x));
}

// y[i * yStep] = (y[i * yStep] + a[i * xStep]) + b[i * xStep], 0 <= i < count.
function addPairs(y: usize, yStep: i32, a: usize, b: usize, xStep: i32, count: i32): void {
  for (let i = 0; i < count; i++, y += yStep << 2, a += xStep << 2, b += xStep << 2) {
    store<f32>(y, load<f32>(y) + load<f32>(a) + load<f32>(b));
  }
}

// y[i * yStep + c] += x[i * xStep + c], 0 <= i < count, 0 <= c < channels.
function addRuns(y: usize, yStep: i32, x: usize, xStep: i32, count: i32, channels: i32): void {
  for (let i = 0; i < count; i++, y += yStep << 2, x += xStep << 2) {
    let c = 0;
    for (; c <= channels - 16; c += 16) addSixteen(at(y, c), at(x, c));
    for (; c <= channels - 4; c += 4) v128.store(at(y, c), f32x4.add(v128.load(at(y, c)), v128.load(at(x, c))));
    for (; c < channels; c++) store<f32>(at(y, c), load<f32>(at(y, c)) + load<f32>(at(x, c)));
  }
}

function addSixteen(y: usize, x: usize): void {
  v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
  v128.store(y, f32x4.add(v128.load(y, 16), v128.load(x, 16)), 16);
  v128.store(y, f32x4.add(v128.load(y, 32), v128.load(x, 32)), 32);
  v128.store(y, f32x4.add(v128.load(y, 48), v128.load(x, 48)), 48);
}
