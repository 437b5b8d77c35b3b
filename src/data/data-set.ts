/** Height and width of an image in pixels. */
export const IMAGE_SIDE = 28;

/** Pixels of an image. */
export const IMAGE_PIXELS = 784;

/** Labelled grey images of 28×28 pixels, as bytes: 47 MB for MNIST's 60,000. */
export interface DataSet {
  /** [count·784], row by row, 0 = background, 255 = full ink. */
  readonly images: Uint8Array;
  /** [count], the digit 0 … 9 each image shows. */
  readonly labels: Uint8Array;
  /** Number of images. */
  readonly count: number;
}
