import { checkOptionNames } from "../arguments.ts";
import { ArgumentError } from "../errors.ts";
import { philoxKey, type PhiloxKey } from "../random/philox.ts";
import { shuffledIndices } from "../random/shuffle.ts";
import { STREAMS } from "../random/streams.ts";
import { RandomWords } from "../random/words.ts";
import { IMAGE_PIXELS, type DataSet } from "./data-set.ts";
import { Dice } from "./digits/dice.ts";
import { GLYPHS, type Glyph } from "./digits/glyphs.ts";
import { writeGlyph } from "./digits/hand.ts";
import { Ink } from "./digits/ink.ts";

/** Which digits are drawn. */
export interface DigitsOptions {
  /** An integer from 0 to 2⁵³−1; default 7. */
  readonly seed?: number;
  /** Number of images, an integer from 1 to 1,000,000; default 60,000, as many as MNIST's training set. */
  readonly count?: number;
  /** Number of the first image, an integer from 0 to 2³²−1,000,001; default 0. */
  readonly first?: number;
}

const CLASSES = 10;
const MOST_IMAGES = 1_000_000;
const LAST_FIRST = 0xffff_ffff - MOST_IMAGES;

/**
 * Handwritten digits that were never written: strokes of ten classes, as many hands as images, drawn like MNIST's. No
 * files, no network; 60,000 take about two seconds.
 *
 * Image i is a function of (seed, i) alone, with the same bits on every engine: only + − × ÷ and sqrt are used. Each ten
 * images from a multiple of ten on show each digit once, in random order.
 * @throws ArgumentError for an option outside its range
 */
export function digits(options: DigitsOptions = {}): DataSet {
  checkOptionNames("digits", options, ["seed", "count", "first"]);
  const { seed = 7, count = 60_000, first = 0 } = options;
  const key = philoxKey(seed);
  checkInteger("count", count, 1, MOST_IMAGES);
  checkInteger("first", first, 0, LAST_FIRST);
  const images = new Uint8Array(count * IMAGE_PIXELS);
  const labels = new Uint8Array(count);
  const ink = new Ink();
  for (let i = 0; i < count; i++) {
    const label = classOf(key, first + i);
    const dice = new Dice(new RandomWords(key, STREAMS.digits, first + i));
    const softness = dice.between(1, 1.5);
    const traces = writeGlyph(chooseGlyph(label, dice), dice);
    ink.draw(images.subarray(i * IMAGE_PIXELS, (i + 1) * IMAGE_PIXELS), traces, softness);
    labels[i] = label;
  }
  return { images, labels, count };
}

function classOf(key: PhiloxKey, image: number): number {
  const words = new RandomWords(key, STREAMS.digitClasses, Math.floor(image / CLASSES));
  return shuffledIndices(CLASSES, words)[image % CLASSES]!;
}

function chooseGlyph(label: number, dice: Dice): Glyph {
  const glyphs = GLYPHS[label]!;
  let left = dice.between(0, 100);
  return glyphs.find(({ share }) => (left -= share) < 0)!;
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new ArgumentError(`digits: ${name} is ${String(value)}; it must be an integer from ${least} to ${most}`);
}
