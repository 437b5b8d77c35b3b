import { checkOptionNames } from "../engine/arguments.ts";
import { DataError, ShapeError } from "../engine/errors.ts";
import { checkSeed, philoxKey, type PhiloxKey } from "../engine/random/philox.ts";
import { shuffledIndices } from "../engine/random/shuffle.ts";
import { STREAMS } from "../engine/random/streams.ts";
import { RandomWords } from "../engine/random/words.ts";
import { checkKind, integer } from "../engine/value-kinds.ts";
import { IMAGE_PIXELS, type DataSet } from "./data-set.ts";
import { defaultHoldOut } from "./hold-out.ts";
import { imageSource, type ImageSource } from "./image-source.ts";

/** Options of a series of batches. */
export interface BatchOptions {
  /** Images of a batch, an integer ≥ 1, at most the images that are trained on; default 50. */
  readonly batchSize?: number;
  /** Seed of the order of every epoch, an integer from 0 to 2⁵³−1; default 7. */
  readonly seed?: number;
  /**
   * Number of first images of the data set that are never given out. Default 5,000 as in the tutorial's loader; for a
   * data set of no more than 5,000 images a twelfth, which is their share of MNIST.
   */
  readonly holdOut?: number | undefined;
}

/** The position of a series of batches. */
export interface BatchState {
  /** Epochs gone through completely. */
  readonly epoch: number;
  /** Images given out in the epoch at hand. */
  readonly position: number;
}

/** The most epochs. An epoch is a counter word of Philox, so one beyond it would repeat the order of an earlier one. */
const EPOCHS = integer(0, 0xffff_ffff);
const POSITIVE = integer(1);
const COUNTS = integer(0);
const IMAGES_BEFORE = integer(0, Number.MAX_SAFE_INTEGER);

/**
 * An endless series of batches as the tutorial's loader gives them: the first images are held out, the others are
 * shuffled anew in each epoch, and a batch that crosses the end takes the rest of this epoch and the start of the next.
 * A drawn digit is drawn when the first batch takes it.
 *
 * The order of an epoch is a function of (seed, epoch) alone, so batch n can be computed without those before it.
 * @throws ArgumentError for an option outside its range, DataError where too few images are left to fill a batch
 */
export function batches(dataset: DataSet, options: BatchOptions = {}): Batches {
  checkOptionNames("batches", options, ["batchSize", "seed", "holdOut"]);
  return new Batches(dataset, options);
}

/** See batches. */
export class Batches {
  readonly batchSize: number;
  readonly holdOut: number;
  /** Images of an epoch. */
  readonly imagesPerEpoch: number;
  readonly #images: ImageSource;
  readonly #key: PhiloxKey;
  /** Images given out since the beginning. */
  #given = 0;
  #epoch = -1;
  #order: Uint32Array = new Uint32Array(0);

  constructor(dataset: DataSet, options: BatchOptions) {
    const images = imageSource(dataset);
    const { count } = images;
    const { batchSize = 50, seed = 7, holdOut = defaultHoldOut(count) } = options;
    checkSeed(seed);
    this.batchSize = checkKind("batches: batchSize", POSITIVE, batchSize);
    this.holdOut = checkKind("batches: holdOut", COUNTS, holdOut);
    this.imagesPerEpoch = count - holdOut;
    if (batchSize > this.imagesPerEpoch) {
      throw new DataError(
        `batches: the data set has ${count} images, too few: ${holdOut} are held out and a batch takes ${batchSize}`,
      );
    }
    this.#images = images;
    this.#key = philoxKey(seed);
  }

  /**
   * The next batch, [batchSize·784] in [0, 1], pixel = byte/255 in float32. It is a new array, or `into` if given.
   * @throws ShapeError for an `into` of another length
   */
  next(into?: Float32Array): Float32Array {
    const batch = this.#fill(this.#given, into);
    this.#given += this.batchSize;
    return batch;
  }

  /**
   * Batch number `step`, counted from 0, as `next` would give it. Changes nothing.
   * @throws ArgumentError, ShapeError
   */
  at(step: number, into?: Float32Array): Float32Array {
    return this.#fill(this.#positionOf(step), into);
  }

  /** Makes batch number `step`, counted from 0, the next one. @throws ArgumentError */
  seek(step: number): void {
    this.#given = this.#positionOf(step);
  }

  state(): BatchState {
    const position = this.#given % this.imagesPerEpoch;
    return { epoch: (this.#given - position) / this.imagesPerEpoch, position };
  }

  /** Goes on from a state of the same data set, seed and holdOut. @throws ArgumentError for a state out of range */
  restore(state: BatchState): void {
    const { epoch, position } = state;
    checkKind("batches: state.epoch", EPOCHS, epoch);
    checkKind("batches: state.position", integer(0, this.imagesPerEpoch - 1), position);
    this.#given = checkKind("batches: images before state", IMAGES_BEFORE, epoch * this.imagesPerEpoch + position);
  }

  #positionOf(step: number): number {
    checkKind("batches: step", COUNTS, step);
    return checkKind("batches: images before step", IMAGES_BEFORE, step * this.batchSize);
  }

  #fill(start: number, into: Float32Array = new Float32Array(this.batchSize * IMAGE_PIXELS)): Float32Array {
    if (into.length !== this.batchSize * IMAGE_PIXELS) {
      throw new ShapeError(`batches: into has ${into.length} elements; a batch has ${this.batchSize * IMAGE_PIXELS}`);
    }
    const { pixels } = this.#images;
    for (let i = 0; i < this.batchSize; i++) {
      const position = (start + i) % this.imagesPerEpoch;
      const order = this.#orderOf((start + i - position) / this.imagesPerEpoch);
      const image = this.holdOut + order[position]!;
      this.#images.drawImage(image);
      // A store into a Float32Array rounds, and byte/255 in float64 rounds to the same float32 as a float32 division.
      for (let pixel = 0; pixel < IMAGE_PIXELS; pixel++) {
        into[i * IMAGE_PIXELS + pixel] = pixels[image * IMAGE_PIXELS + pixel]! / 255;
      }
    }
    return into;
  }

  #orderOf(epoch: number): Uint32Array {
    if (epoch !== this.#epoch) {
      checkKind("batches: epoch", EPOCHS, epoch);
      const words = new RandomWords(this.#key, STREAMS.epochOrder, epoch);
      this.#order = shuffledIndices(this.imagesPerEpoch, words);
      this.#epoch = epoch;
    }
    return this.#order;
  }
}
