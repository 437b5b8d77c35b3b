import { at, loadLanes, storeLanes } from "../math/lanes";

// sums[c] = (Σ over a grid of taps of x[tap, c]) / divisor, 0 <= c < channels. Tap (ky, kx) lies at x + ky * rowStep +
// kx * tapStep, steps in bytes. A channel is one chain from 0, ascending (ky, kx). A group of 16 channels holds four
// chains of vectors, which hides the latency of the addition. The divisor comes as an f32: a v128 parameter that
// neighbouring lanes share crashes the compiler of Node 26 under --experimental-wasm-revectorize ("unreachable code").
export function sumTaps(
  sums: usize,
  x: usize,
  rows: i32,
  taps: i32,
  rowStep: i32,
  tapStep: i32,
  channels: i32,
  divisor: f32,
): void {
  const divisors = f32x4.splat(divisor);
  let c = 0;
  for (; c <= channels - 16; c += 16) {
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let sum2 = f32x4.splat(0);
    let sum3 = f32x4.splat(0);
    let line = at(x, c);
    for (let ky = 0; ky < rows; ky++, line += rowStep) {
      let tap = line;
      for (let kx = 0; kx < taps; kx++, tap += tapStep) {
        sum0 = f32x4.add(sum0, v128.load(tap));
        sum1 = f32x4.add(sum1, v128.load(tap, 16));
        sum2 = f32x4.add(sum2, v128.load(tap, 32));
        sum3 = f32x4.add(sum3, v128.load(tap, 48));
      }
    }
    v128.store(at(sums, c), f32x4.div(sum0, divisors));
    v128.store(at(sums, c), f32x4.div(sum1, divisors), 16);
    v128.store(at(sums, c), f32x4.div(sum2, divisors), 32);
    v128.store(at(sums, c), f32x4.div(sum3, divisors), 48);
  }
  for (; c < channels; c += 4) {
    const count = channels - c;
    let sum = f32x4.splat(0);
    let line = at(x, c);
    for (let ky = 0; ky < rows; ky++, line += rowStep) {
      let tap = line;
      for (let kx = 0; kx < taps; kx++, tap += tapStep) sum = f32x4.add(sum, loadLanes(tap, count));
    }
    storeLanes(at(sums, c), f32x4.div(sum, divisors), count);
  }
}
