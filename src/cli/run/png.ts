import { encode } from "fast-png";
import type { GrayImage } from "../../formats/gray-image.ts";

/** The image as an 8-bit greyscale PNG. Compare pixels, never these bytes: zlib versions differ. */
export function encodePng({ width, height, pixels }: GrayImage): Uint8Array {
  return encode({ width, height, data: pixels, channels: 1, depth: 8 });
}
