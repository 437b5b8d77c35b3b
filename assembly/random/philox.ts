import { at } from "../math/lanes";

// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1,
// 2, 3" (SC 2011). A block is four 32-bit words, a pure function of the counter [block, step, attempt, stream] and the
// key, the two words of the seed. So any thread can draw any element alone, in any order.

// The four words for a counter; key: [low, 0, high, 0].
//
// A round multiplies words 0 and 2 by constants into 64 bits each, [low0, high0, low2, high2], and makes
//   [high2 ^ word1 ^ keyLow, low2, high0 ^ word3 ^ keyHigh, low0]:
// the products reversed, xor the counter's odd words moved to the even places, xor the key.
export function philoxBlock(counter: v128, key: v128): v128 {
  const multipliers = i32x4(0xd2511f53, 0xcd9e8d57, 0, 0);
  const increments = i32x4(0x9e3779b9, 0, 0xbb67ae85, 0);
  let words = counter;
  let roundKey = key;
  for (let round = 0; round < 10; round++) {
    const factors = i8x16.shuffle(words, words, 0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11);
    const products = i64x2.extmul_low_i32x4_u(factors, multipliers);
    const reversed = i8x16.shuffle(products, products, 12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    words = v128.xor(v128.xor(reversed, i64x2.shr_u(words, 32)), roundKey);
    roundKey = i32x4.add(roundKey, increments);
  }
  return words;
}

// Stores those of the elements first … first + 3 that lie in [begin, end).
export function storeBlock(y: usize, lanes: v128, first: i32, begin: i32, end: i32): void {
  if (first >= begin && first + 4 <= end) {
    v128.store(at(y, first), lanes);
    return;
  }
  if (first >= begin && first < end) v128.store32_lane(at(y, first), lanes, 0);
  if (first + 1 >= begin && first + 1 < end) v128.store32_lane(at(y, first), lanes, 1, 4);
  if (first + 2 >= begin && first + 2 < end) v128.store32_lane(at(y, first), lanes, 2, 8);
  if (first + 3 >= begin && first + 3 < end) v128.store32_lane(at(y, first), lanes, 3, 12);
}
