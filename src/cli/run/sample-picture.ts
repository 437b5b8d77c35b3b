import { enlarge, placeBeside, tileImages, type GrayImage } from "../../formats/gray-image.ts";
import { IMAGE_PIXELS } from "../../gan/image-size.ts";
import type { SampleEvent } from "../../gan/train/trainer.ts";

/** The single image beside the grid is enlarged this many times; then both are about as high. */
const SINGLE_SCALE = 7;

/** The whole picture is enlarged this many times: an image of 28 pixels is small on a screen. */
const PICTURE_SCALE = 2;

/**
 * A training sample: left the one image from a fresh z, right the 8×8 grid from the fixed vectors. Ink is dark on
 * white.
 */
export function samplePicture({ image, grid }: SampleEvent): GrayImage {
  const single = enlarge(tileImages(image, { columns: 1 }), SINGLE_SCALE);
  return enlarge(placeBeside(single, tileImages(grid, { columns: 8 })), PICTURE_SCALE);
}

/** Images [n·784] in rows and columns, in a shape near to a square. */
export function gridPicture(images: Float32Array): GrayImage {
  const count = images.length / IMAGE_PIXELS;
  return enlarge(tileImages(images, { columns: Math.ceil(Math.sqrt(count)) }), PICTURE_SCALE);
}
