import { at, loadLanes } from "../math/lanes";
import { wordsOf } from "../pool/mask";

// Where numbers are not 0 in any image of a batch: [height, width, wordsOf(channels)] words, one bit a channel, as in a
// mask (../pool/mask.ts). NaN is not 0.
//
//   bits   one image's words
//   x      [images, pixels, channels]
//
// Four-byte aligned. The range is pixels.
export function occupancy(bits: usize, x: usize, images: i32, pixels: i32, channels: i32, begin: i32, end: i32): void {
  const image = (<usize>(pixels * channels)) << 2;
  const words = wordsOf(channels);
  for (let pixel = begin; pixel < end; pixel++) {
    const to = at(bits, pixel * words);
    const from = at(x, pixel * channels);
    for (let word = 0; word < words; word++) store<i32>(at(to, word), 0);
    for (let c = 0; c < channels; c += 4) {
      const p = at(to, c >> 5);
      store<i32>(p, load<i32>(p) | (occupied(at(from, c), image, images, channels - c) << (c & 31)));
    }
  }
}

// Bits of four channels.
function occupied(p: usize, image: usize, images: i32, left: i32): i32 {
  let any = i32x4.splat(0);
  for (let i = 0; i < images; i++, p += image) any = v128.or(any, f32x4.ne(loadLanes(p, left), f32x4.splat(0)));
  return i32x4.bitmask(any);
}

// The same of what a mask lets through: its bits in any image.
//
//   mask   [images][words]
//
// The range is an image's words.
export function maskOccupancy(bits: usize, mask: usize, images: i32, words: i32, begin: i32, end: i32): void {
  for (let word = begin; word < end; word++) {
    let any = 0;
    for (let i = 0; i < images; i++) any |= load<i32>(at(mask, i * words + word));
    store<i32>(at(bits, word), any);
  }
}
