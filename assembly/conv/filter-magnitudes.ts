import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at, firstLanes, loadLanes } from "../math/lanes";
import { rootOf } from "./norms";

// A weight counts as small below this part of the mean magnitude of its channel's weights.
const SMALL: f32 = 1.0 / 8.0;

// Measures how large the weights of each output channel are (own-terms.ts).
//
//   magnitudes  [3][ceil(outChannels/16)][16], 0 past outChannels: 1 / (the mean of |w| / 8); the root of the number of
//               weights that are smaller than the mean of |w| / 8; the root of the sum of squares of all weights. A
//               channel whose weights are all 0 gets infinity, 0, 0
//   filter      [terms][outChannels]: one row for each term of an output
//
// Both buffers are 4-byte aligned and do not overlap. A sum is one chain over the rows, ascending. The range is groups
// of four output channels.
export function filterMagnitudes(
  magnitudes: usize,
  filter: usize,
  terms: i32,
  outChannels: i32,
  begin: i32,
  end: i32,
): void {
  const padded = (outChannels + 15) & ~15;
  if (!ASC_NO_ASSERT) {
    checkCall("filterMagnitudes", begin, end, padded >> 2);
    checkSize("terms", terms);
    checkSize("outChannels", outChannels);
    checkOutput("magnitudes", magnitudes, 3 * padded);
    checkInput("filter", filter, terms * outChannels);
  }
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

// Measures four channels, or those that are left. A channel's three numbers lie `padded` floats apart, and its weights
// outChannels.
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
