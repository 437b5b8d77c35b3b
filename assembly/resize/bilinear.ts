import { checkCall, checkInput, checkOutput, checkSize, UNKNOWN } from "../contract";
import { zeroRun } from "../conv/runs";
import { at, loadLanes, storeLanes } from "../math/lanes";

// Bilinear resize by TensorFlow's legacy rule (align_corners and half_pixel_centers false). On each axis, in float32:
//   source = destination (in / out),  low = floor(source),  high = min(low + 1, in - 1),  weight = source - low
// x is [batch, inHeight, inWidth, channels], y is [batch, outHeight, outWidth, channels]. Both hold floats, are 4-byte
// aligned and do not overlap. The kernels take lanes of 4 along the channels. NaN in, NaN out.

// In TensorFlow's order: top = x00 + (x01 - x00) weightX, bottom likewise, y = top + (bottom - top) weightY.
// The range is output rows, image * outHeight + oy.
export function resizeBilinear(
  y: usize,
  x: usize,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    const outRow = outWidth * channels;
    checkResize("resizeBilinear", inHeight, inWidth, outHeight, outWidth, channels, begin, end);
    checkOutput("y", at(y, begin * outRow), (end - begin) * outRow);
    const first = begin / outHeight;
    const images = begin == end ? 0 : (end - 1) / outHeight + 1 - first;
    checkInput("x", at(x, first * inHeight * inWidth * channels), images * inHeight * inWidth * channels);
  }
  const scaleY = <f32>inHeight / <f32>outHeight;
  const scaleX = <f32>inWidth / <f32>outWidth;
  const line = inWidth * channels;
  for (let row = begin; row < end; row++) {
    const image = row / outHeight;
    const sourceY = <f32>(row - image * outHeight) * scaleY;
    const low = lowOf(sourceY, inHeight);
    const top = at(x, (image * inHeight + low) * line);
    const bottom = at(x, (image * inHeight + highOf(low, inHeight)) * line);
    const weightY = f32x4.splat(sourceY - <f32>low);
    for (let ox = 0; ox < outWidth; ox++) {
      const sourceX = <f32>ox * scaleX;
      const low = lowOf(sourceX, inWidth);
      const left = low * channels;
      const right = highOf(low, inWidth) * channels;
      const weightX = f32x4.splat(sourceX - <f32>low);
      const to = at(y, (row * outWidth + ox) * channels);
      mixPixels(to, at(top, left), at(top, right), at(bottom, left), at(bottom, right), weightX, weightY, channels);
    }
  }
}

// The adjoint: dx += dy times the pixel's weight. The kernel overwrites dx: it zeroes each image and then adds the
// outputs in ascending order (oy, ox), each at top left, top right, bottom left, bottom right. The range is images.
export function resizeBilinearGrad(
  dx: usize,
  dy: usize,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    const inSize = inHeight * inWidth * channels;
    const outSize = outHeight * outWidth * channels;
    checkResize("resizeBilinearGrad", inHeight, inWidth, outHeight, outWidth, channels, begin, end);
    checkOutput("dx", at(dx, begin * inSize), (end - begin) * inSize);
    checkInput("dy", at(dy, begin * outSize), (end - begin) * outSize);
  }
  const scaleY = <f32>inHeight / <f32>outHeight;
  const scaleX = <f32>inWidth / <f32>outWidth;
  const line = inWidth * channels;
  zeroRun(at(dx, begin * inHeight * line), (end - begin) * inHeight * line);
  for (let row = begin * outHeight; row < end * outHeight; row++) {
    const image = row / outHeight;
    const sourceY = <f32>(row - image * outHeight) * scaleY;
    const low = lowOf(sourceY, inHeight);
    const top = at(dx, (image * inHeight + low) * line);
    const bottom = at(dx, (image * inHeight + highOf(low, inHeight)) * line);
    const weightY = sourceY - <f32>low;
    for (let ox = 0; ox < outWidth; ox++) {
      const sourceX = <f32>ox * scaleX;
      const low = lowOf(sourceX, inWidth);
      const left = low * channels;
      const right = highOf(low, inWidth) * channels;
      const weightX = sourceX - <f32>low;
      const from = at(dy, (row * outWidth + ox) * channels);
      addScaled(at(top, left), from, (1 - weightY) * (1 - weightX), channels);
      addScaled(at(top, right), from, (1 - weightY) * weightX, channels);
      addScaled(at(bottom, left), from, weightY * (1 - weightX), channels);
      addScaled(at(bottom, right), from, weightY * weightX, channels);
    }
  }
}

function checkResize(
  kernel: string,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  checkCall(kernel, begin, end, UNKNOWN);
  checkSize("inHeight", inHeight);
  checkSize("inWidth", inWidth);
  checkSize("outHeight", outHeight);
  checkSize("outWidth", outWidth);
  checkSize("channels", channels);
}

// The rounded scale may carry the last source to `size` itself.
function lowOf(source: f32, size: i32): i32 {
  return min<i32>(<i32>source, size - 1);
}

function highOf(low: i32, size: i32): i32 {
  return min<i32>(low + 1, size - 1);
}

// One output pixel from its four sources.
function mixPixels(
  y: usize,
  topLeft: usize,
  topRight: usize,
  bottomLeft: usize,
  bottomRight: usize,
  weightX: v128,
  weightY: v128,
  channels: i32,
): void {
  let c = 0;
  for (; c <= channels - 4; c += 4) {
    const top = mix(v128.load(at(topLeft, c)), v128.load(at(topRight, c)), weightX);
    const bottom = mix(v128.load(at(bottomLeft, c)), v128.load(at(bottomRight, c)), weightX);
    v128.store(at(y, c), mix(top, bottom, weightY));
  }
  if (c < channels) {
    const rest = channels - c;
    const top = mix(loadLanes(at(topLeft, c), rest), loadLanes(at(topRight, c), rest), weightX);
    const bottom = mix(loadLanes(at(bottomLeft, c), rest), loadLanes(at(bottomRight, c), rest), weightX);
    storeLanes(at(y, c), mix(top, bottom, weightY), rest);
  }
}

// a + (b - a) weight.
function mix(a: v128, b: v128, weight: v128): v128 {
  return f32x4.add(a, f32x4.mul(f32x4.sub(b, a), weight));
}

// y += factor x.
function addScaled(y: usize, x: usize, factor: f32, channels: i32): void {
  const factors = f32x4.splat(factor);
  let c = 0;
  for (; c <= channels - 4; c += 4) {
    v128.store(at(y, c), f32x4.add(v128.load(at(y, c)), f32x4.mul(v128.load(at(x, c)), factors)));
  }
  if (c < channels) {
    const rest = channels - c;
    const lanes = f32x4.mul(loadLanes(at(x, c), rest), factors);
    storeLanes(at(y, c), f32x4.add(loadLanes(at(y, c), rest), lanes), rest);
  }
}
