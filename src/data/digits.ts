import { checkOptionNames } from "../engine/arguments.ts";
import { checkKind, integer } from "../engine/value-kinds.ts";
import type { DataSet } from "./data-set.ts";
import { DigitRenderer } from "./digits/digit-renderer.ts";
import { DEFAULT_DIGITS } from "./digits/identity.ts";
import { DrawnDataSet } from "./drawn-data-set.ts";

/** The choice of the digits that are drawn. */
export interface DigitsOptions {
  /** An integer from 0 to 2⁵³−1; default 7. */
  readonly seed?: number;
  /** Number of images, an integer from 1 to 1,000,000; default 60,000, the size of MNIST's training set. */
  readonly count?: number;
  /** Number of the first image, an integer from 0 to 2³²−1,000,001; default 0. */
  readonly first?: number;
}

const MOST_IMAGES = 1_000_000;
const COUNTS = integer(1, MOST_IMAGES);
const FIRSTS = integer(0, 0xffff_ffff - MOST_IMAGES);

/**
 * Drawn digits that look handwritten: pen strokes of ten classes, another hand for each image, placed as in MNIST. They
 * need no files and no network.
 *
 * This function draws nothing yet. `batches` draws an image when a batch takes it, in about 30 µs. Reading `images`
 * draws all that are still missing: two seconds for 60,000. Each image is drawn once.
 *
 * Image i is a function of (seed, i) alone, with the same bits on every engine: only + − × ÷ and sqrt are used. Ten
 * images in a row, from a multiple of ten on, show each digit once, in random order.
 * @throws ArgumentError for an option outside its range
 */
export function digits(options: DigitsOptions = {}): DataSet {
  checkOptionNames("digits", options, ["seed", "count", "first"]);
  const { seed = DEFAULT_DIGITS.seed, count = DEFAULT_DIGITS.count, first = DEFAULT_DIGITS.first } = options;
  const renderer = new DigitRenderer({ seed, count, first });
  checkKind("digits: count", COUNTS, count);
  checkKind("digits: first", FIRSTS, first);
  return new DrawnDataSet(count, renderer);
}
