/** Height and width of an image in pixels. */
export const IMAGE_SIDE = 28;

/** Pixels of an image. */
export const IMAGE_PIXELS = 784;
