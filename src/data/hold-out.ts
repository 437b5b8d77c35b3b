/** The number of MNIST's 60,000 images that the tutorial's loader holds out. */
const TUTORIAL = 5000;

/** One image in twelve: the share of MNIST that is held out. */
const ONE_IN = 12;

/**
 * The number of `count` images that are held out by default: 5,000, or a twelfth of a data set of no more than 5,000.
 */
export function defaultHoldOut(count: number): number {
  return count > TUTORIAL ? TUTORIAL : Math.floor(count / ONE_IN);
}
