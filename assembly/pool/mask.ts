import { Geometry } from "../conv/geometry";

// A mask says which elements of an image relu let through, with one bit each: [batch, height, width, ceil(channels /
// 32)] words. Bit c & 31 of word c >> 5 of a pixel says that its channel c is above 0. NaN is not above 0.

// Words of a pixel.
export function wordsOf(channels: i32): i32 {
  return (channels + 31) >> 5;
}

// Words of an image.
export function maskImage(g: Geometry): i32 {
  return g.inHeight * g.inWidth * wordsOf(g.inChannels);
}

// Stores bits 0 .. 15, each in a lane of its own, where the kernel writes later. V8 would make such constants anew in
// every window, but it keeps loaded numbers in registers.
export function storePlaces(to: usize): void {
  v128.store(to, i32x4(1, 2, 4, 8));
  v128.store(to, i32x4(16, 32, 64, 128), 16);
  v128.store(to, i32x4(256, 512, 1024, 2048), 32);
  v128.store(to, i32x4(4096, 8192, 16384, 32768), 48);
}

// All ones in the lanes whose place has a bit.
export function lanesWith(bits: v128, places: v128): v128 {
  return i32x4.eq(v128.and(bits, places), places);
}
