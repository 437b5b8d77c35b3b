/** The tutorial's loader holds out as many of MNIST's 60,000 images. */
const TUTORIAL = 5000;

/** One image in twelve: the share of MNIST that these are. */
const ONE_IN = 12;

/**
 * How many of `count` images are held out by default: 5,000, or a twelfth of a data set that has no more than 5,000.
 */
export function defaultHoldOut(count: number): number {
  return count > TUTORIAL ? TUTORIAL : Math.floor(count / ONE_IN);
}
