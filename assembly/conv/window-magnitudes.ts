import { checkCall, checkInput, checkOutput } from "../contract";
import { at, loadLanes } from "../math/lanes";
import { checkGeometry, firstInside, Geometry, inImage, lastInside } from "./geometry";
import { rootOf } from "./norms";

// Measures how large a convolution's inputs are (own-terms.ts): the sum of |x| over the window of each output, the root
// of the sum of squares over it, and the sum of squares of each pixel.
//
//   magnitudes  [images], each [2][outHeight][lineOf(outWidth)], the sums, then the roots, and then
//               [inHeight][lineOf(inWidth)], the pixels. Places past a line's last column may hold anything. Readers
//               load four floats from any column on, so the buffer has 4 floats more
//   x           [batch, inHeight, inWidth, inChannels], the whole tensor
//   geometry    of the convolution, with strides 1
//   scratch     [2][inHeight][pitchOf(g)] floats, one buffer for each thread
//
// All buffers are 4-byte aligned and no two overlap. The sum of a pixel is four chains over the channels c & 3,
// ascending, (l0 + l1) + (l2 + l3). One chain over the columns of the window follows, and then one over its rows. A NaN
// in a window makes its sum NaN. The range is images of the chunk, counted from firstImage.
export function windowMagnitudes(
  magnitudes: usize,
  x: usize,
  geometry: usize,
  firstImage: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const pitch = pitchOf(g);
  const squares = at(scratch, g.inHeight * pitch);
  if (!ASC_NO_ASSERT) {
    checkCall("windowMagnitudes", begin, end, g.batch - firstImage);
    checkGeometry(g);
    const images = end - begin;
    checkOutput("magnitudes", at(magnitudes, begin * magnitudesOfImage(g)), images * magnitudesOfImage(g));
    checkOutput("scratch", scratch, 2 * g.inHeight * pitch);
    checkInput("x", at(x, (firstImage + begin) * inImage(g)), images * inImage(g));
  }
  for (let image = begin; image < end; image++) {
    const to = at(magnitudes, image * magnitudesOfImage(g));
    const ofPixels = squaresOfPixels(to, g);
    memory.fill(scratch, 0, (<usize>(2 * g.inHeight * pitch)) << 2);
    const pixels = at(x, (firstImage + image) * g.inHeight * g.inWidth * g.inChannels);
    for (let row = 0; row < g.inHeight; row++) {
      const line = at(squares, row * pitch);
      pixelMagnitudes(at(scratch, row * pitch), line, pixels, row, g);
      const kept = at(line, g.padLeft);
      for (let ix = 0; ix < g.inWidth; ix += 4) {
        v128.store(at(ofPixels, row * lineOf(g.inWidth) + ix), v128.load(at(kept, ix)));
      }
      acrossWindow(at(scratch, row * pitch), line, g);
    }
    downWindow(to, scratch, squares, g);
  }
}

// Floats that the magnitudes of an image take.
export function magnitudesOfImage(g: Geometry): i32 {
  return 2 * g.outHeight * lineOf(g.outWidth) + g.inHeight * lineOf(g.inWidth);
}

// The address of the pixels' sums of squares in the magnitudes of an image.
export function squaresOfPixels(magnitudes: usize, g: Geometry): usize {
  return at(magnitudes, 2 * g.outHeight * lineOf(g.outWidth));
}

// Floats of a line of magnitudes.
export function lineOf(outWidth: i32): i32 {
  return (outWidth + 3) & ~3;
}

// Floats of a row of scratch. Its first column is column -padLeft of the image; it holds the whole image and all
// columns that the outputs of a line see.
function pitchOf(g: Geometry): i32 {
  return max<i32>(g.padLeft + g.inWidth, lineOf(g.outWidth) + g.filterWidth) + 4;
}

// Makes the sums of each pixel of a row: four pixels at a time, then one by one.
function pixelMagnitudes(sums: usize, squares: usize, pixels: usize, row: i32, g: Geometry): void {
  const pixel = (<usize>g.inChannels) << 2;
  let from = at(pixels, row * g.inWidth * g.inChannels);
  let to = g.padLeft;
  let left = g.inWidth;
  for (; left >= 4; left -= 4, to += 4, from += 4 * pixel) {
    storeFourPixels(at(sums, to), at(squares, to), from, pixel, g.inChannels);
  }
  for (; left > 0; left--, to++, from += pixel) {
    // All four are this one pixel. The pixel to which a place belongs writes it again, or it lies past the row's last
    // column.
    storeFourPixels(at(sums, to), at(squares, to), from, 0, g.inChannels);
  }
  // Clears what the last pixel has written past the row.
  v128.store(at(sums, to), f32x4.splat(0));
  v128.store(at(squares, to), f32x4.splat(0));
}

function storeFourPixels(sums: usize, squares: usize, from: usize, pixel: usize, channels: i32): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let q0 = s0;
  let q1 = s0;
  let q2 = s0;
  let q3 = s0;
  for (const end = at(from, channels & ~3); from < end; from += 16) {
    let p = from;
    const x0 = v128.load(p);
    s0 = f32x4.add(s0, f32x4.abs(x0));
    q0 = f32x4.add(q0, f32x4.mul(x0, x0));
    const x1 = v128.load((p += pixel));
    s1 = f32x4.add(s1, f32x4.abs(x1));
    q1 = f32x4.add(q1, f32x4.mul(x1, x1));
    const x2 = v128.load((p += pixel));
    s2 = f32x4.add(s2, f32x4.abs(x2));
    q2 = f32x4.add(q2, f32x4.mul(x2, x2));
    const x3 = v128.load(p + pixel);
    s3 = f32x4.add(s3, f32x4.abs(x3));
    q3 = f32x4.add(q3, f32x4.mul(x3, x3));
  }
  const left = channels & 3;
  if (left) {
    const x0 = loadLanes(from, left);
    s0 = f32x4.add(s0, f32x4.abs(x0));
    q0 = f32x4.add(q0, f32x4.mul(x0, x0));
    const x1 = loadLanes((from += pixel), left);
    s1 = f32x4.add(s1, f32x4.abs(x1));
    q1 = f32x4.add(q1, f32x4.mul(x1, x1));
    const x2 = loadLanes((from += pixel), left);
    s2 = f32x4.add(s2, f32x4.abs(x2));
    q2 = f32x4.add(q2, f32x4.mul(x2, x2));
    const x3 = loadLanes(from + pixel, left);
    s3 = f32x4.add(s3, f32x4.abs(x3));
    q3 = f32x4.add(q3, f32x4.mul(x3, x3));
  }
  v128.store(sums, lanesOfFour(s0, s1, s2, s3));
  v128.store(squares, lanesOfFour(q0, q1, q2, q3));
}

// The sum of the lanes of each.
function lanesOfFour(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(even(a, b), odd(a, b));
  const cd = f32x4.add(even(c, d), odd(c, d));
  return f32x4.add(even(ab, cd), odd(ab, cd));
}

// Lanes 0 and 2 of both, and lanes 1 and 3.
function even(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 2, 4, 6);
}

function odd(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 1, 3, 5, 7);
}

// Sums a row over the columns of the window, in place: each place is written after it was read for the last time.
function acrossWindow(sums: usize, squares: usize, g: Geometry): void {
  for (let ox = 0; ox < g.outWidth; ox += 4) {
    let sum = f32x4.splat(0);
    let square = sum;
    for (let kx = 0; kx < g.filterWidth; kx++) {
      sum = f32x4.add(sum, v128.load(at(sums, ox + kx)));
      square = f32x4.add(square, v128.load(at(squares, ox + kx)));
    }
    v128.store(at(sums, ox), sum);
    v128.store(at(squares, ox), square);
  }
}

// Sums over the rows of the window, and takes the roots.
function downWindow(to: usize, sums: usize, squares: usize, g: Geometry): void {
  const pitch = pitchOf(g);
  const line = lineOf(g.outWidth);
  for (let oy = 0; oy < g.outHeight; oy++, to += (<usize>line) << 2) {
    const top = oy - g.padTop;
    const first = top + firstInside(top);
    const end = top + lastInside(top, g.filterHeight, g.inHeight);
    for (let ox = 0; ox < g.outWidth; ox += 4) {
      let sum = f32x4.splat(0);
      let square = sum;
      for (let row = first; row < end; row++) {
        sum = f32x4.add(sum, v128.load(at(sums, row * pitch + ox)));
        square = f32x4.add(square, v128.load(at(squares, row * pitch + ox)));
      }
      v128.store(at(to, ox), sum);
      v128.store(at(to, g.outHeight * line + ox), rootOf(square));
    }
  }
}
