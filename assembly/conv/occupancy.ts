import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at, loadLanes } from "../math/lanes";
import { wordsOf } from "../pool/mask";

// Marks where a number is not 0 in at least one image of a batch. NaN is not 0.
//
//   bits   [pixels, wordsOf(channels)] words, one bit a channel, as one image of a mask (../pool/mask.ts)
//   x      [images, pixels, channels]
//
// Both buffers are 4-byte aligned and do not overlap. The range is pixels.
export function occupancy(bits: usize, x: usize, images: i32, pixels: i32, channels: i32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) {
    checkCall("occupancy", begin, end, pixels);
    checkSize("images", images);
    checkSize("channels", channels);
    checkOutput("bits", bits, pixels * wordsOf(channels));
    checkInput("x", x, images * pixels * channels);
  }
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

// The bits of four channels.
function occupied(p: usize, image: usize, images: i32, left: i32): i32 {
  let any = i32x4.splat(0);
  for (let i = 0; i < images; i++, p += image) any = v128.or(any, f32x4.ne(loadLanes(p, left), f32x4.splat(0)));
  return i32x4.bitmask(any);
}

// The same for a mask: marks what it lets through in at least one image.
//
//   bits   [words]
//   mask   [images][words]
//
// The range is the words of an image.
export function maskOccupancy(bits: usize, mask: usize, images: i32, words: i32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) {
    checkCall("maskOccupancy", begin, end, words);
    checkSize("images", images);
    checkOutput("bits", bits, words);
    checkInput("mask", mask, images * words);
  }
  for (let word = begin; word < end; word++) {
    let any = 0;
    for (let i = 0; i < images; i++) any |= load<i32>(at(mask, i * words + word));
    store<i32>(at(bits, word), any);
  }
}
