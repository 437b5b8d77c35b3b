import { at, firstLanes, loadLanes } from "../math/lanes";
import { rootOf } from "./norms";

// Of a channel's weights, those below this part of their mean magnitude count as small.
const SMALL: f32 = 1.0 / 8.0;

// How large the weights of each output channel are (own-terms.ts).
//
//   magnitudes  [3][ceil(outChannels/16)][16], 0 past outChannels: 1 / (the mean of |w| / 8); the root of how many
//               weights are smaller than that; the root of their sum of squares. Where all weights are 0: infinity, 0,
//               0
//   filter      [terms][outChannels]: one row for each term of an output
//
// Four-byte aligned; nothing overlaps. Sums: one chain over the rows, ascending. The range is fours of output channels.
export function filterMagnitudes(
  magnitudes: usize,
  filter: usize,
  terms: i32,
  outChannels: i32,
  begin: i32,
  end: i32,
): void {
  const padded = (outChannels + 15) & ~15;
  for (let four = begin; four < end; four++) {
    const channel = 4 * four;
    const left = outChannels - channel;
    const to = at(magnitudes, channel);
    if (left > 0) {
      magnitudesOfFour(to, padded, at(filter, channel), terms, outChannels, left);
    } else {
      for (let part = 0; part < 3; part++) v128.store(at(to, part * padded), f32x4.splat(0));
    }
  }
}

// Of four channels, or of those that are left: their places lie `padded` floats apart, rows of weights outChannels.
function magnitudesOfFour(to: usize, padded: i32, filter: usize, terms: i32, outChannels: i32, left: i32): void {
  let sum = f32x4.splat(0);
  let squares = sum;
  for (let term = 0; term < terms; term++) {
    const weights = loadLanes(at(filter, term * outChannels), left);
    sum = f32x4.add(sum, f32x4.abs(weights));
    squares = f32x4.add(squares, f32x4.mul(weights, weights));
  }
  const small = f32x4.mul(sum, f32x4.splat(SMALL / <f32>terms));
  let count = i32x4.splat(0);
  for (let term = 0; term < terms; term++) {
    // A comparison that holds is -1.
    count = i32x4.sub(count, f32x4.lt(f32x4.abs(loadLanes(at(filter, term * outChannels), left)), small));
  }
  v128.store(to, v128.and(inverseOf(small), firstLanes(left)));
  v128.store(at(to, padded), f32x4.sqrt(f32x4.convert_i32x4_s(count)));
  v128.store(at(to, 2 * padded), v128.and(finiteOrInfinity(rootOf(squares)), f32x4.ne(sum, f32x4.splat(0))));
}

// 1 / x, or infinity where x is 0 or not finite.
function inverseOf(x: v128): v128 {
  const infinity = f32x4.splat(Infinity);
  return v128.bitselect(f32x4.div(f32x4.splat(1), x), infinity, f32x4.lt(x, infinity));
}

// Infinity in the place of NaN.
function finiteOrInfinity(x: v128): v128 {
  const infinity = f32x4.splat(Infinity);
  return v128.bitselect(x, infinity, f32x4.lt(x, infinity));
}
