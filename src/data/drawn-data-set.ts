import { IMAGE_PIXELS, type DataSet } from "./data-set.ts";

/** Draws the images of a data set one by one; each is a function of its index alone. */
export interface ImageRenderer {
  /** Draws image `index` over all of `image`, [784]. */
  render(index: number, image: Uint8Array): void;
  /** The digit 0 … 9 that image `index` shows. */
  label(index: number): number;
  /** 64 hex digits that another data set does not have, known without drawing. */
  readonly identity: string;
}

/**
 * A data set that draws its images when they are needed: one image when a batch takes it, all images when `images` is
 * read. Each is drawn once and kept.
 */
export class DrawnDataSet implements DataSet {
  declare readonly images: Uint8Array;
  declare readonly labels: Uint8Array;
  readonly count: number;
  readonly #renderer: ImageRenderer;
  readonly #pixels: Uint8Array;
  readonly #isDrawn: Uint8Array;
  #left: number;
  #labels: Uint8Array | undefined;

  constructor(count: number, renderer: ImageRenderer) {
    this.count = count;
    this.#renderer = renderer;
    // A system gives memory page by page, when the first byte is written there.
    this.#pixels = new Uint8Array(count * IMAGE_PIXELS);
    this.#isDrawn = new Uint8Array(count);
    this.#left = count;
    // These are properties of the object, not of its class, so { ...set } and structuredClone(set) have them, too.
    Object.defineProperties(this, {
      images: { enumerable: true, get: () => this.#drawAll() },
      labels: { enumerable: true, get: () => (this.#labels ??= this.#labelAll()) },
    });
  }

  /** See ImageRenderer. */
  get identity(): string {
    return this.#renderer.identity;
  }

  /** Memory of all images, [count·784]. Image i is there after drawImage(i); before, its pixels are 0. */
  get pixels(): Uint8Array {
    return this.#pixels;
  }

  /** Draws image `index` unless that was done before. */
  drawImage(index: number): void {
    if (this.#isDrawn[index] === 1) return;
    this.#renderer.render(index, this.#pixels.subarray(index * IMAGE_PIXELS, (index + 1) * IMAGE_PIXELS));
    this.#isDrawn[index] = 1;
    this.#left--;
  }

  #drawAll(): Uint8Array {
    if (this.#left > 0) for (let i = 0; i < this.count; i++) this.drawImage(i);
    return this.#pixels;
  }

  #labelAll(): Uint8Array {
    return Uint8Array.from({ length: this.count }, (_, i) => this.#renderer.label(i));
  }
}
