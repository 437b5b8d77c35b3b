import { ArgumentError, ShapeError } from "../engine/errors.ts";
import { checkKind, integer } from "../engine/value-kinds.ts";

/** 8-bit grey pixels, row by row from the top, 0 black … 255 white. */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** The layout of tileImages. */
export interface TileOptions {
  /** Size of one image in pixels; default 28. */
  readonly height?: number;
  readonly width?: number;
  /** Images in a row, an integer ≥ 1; the last row may be shorter. */
  readonly columns: number;
  /** White pixels between the images and around them, an integer ≥ 0; default 2. */
  readonly gap?: number;
}

const POSITIVE = integer(1);
const COUNTS = integer(0);

const PAPER = 255;

/** Matplotlib's "Greys" (ColorBrewer's nine grey levels), evenly spaced from 0 to 1; the tutorial draws with it. */
const GREYS = [255, 240, 217, 189, 150, 115, 82, 37, 0];

/**
 * The tutorial's grey map: 0 → white paper, 1 → black ink, in Matplotlib's 256 steps. Values outside [0, 1] are taken
 * as the nearer end.
 */
export function inkToGray(value: number): number {
  const step = Math.max(0, Math.min(255, Math.floor(value * 256)));
  const knot = Math.min(7, Math.floor((step * 8) / 255));
  // In 255ths of a grey level, hence exact integers.
  const rise = (step * 8 - knot * 255) * (GREYS[knot + 1]! - GREYS[knot]!);
  return Math.floor((GREYS[knot]! * 255 + rise) / 255);
}

/**
 * n images [n·height·width] of ink in [0, 1] on one sheet, row by row, through inkToGray.
 * @throws ShapeError where the length is not n ≥ 1 images, ArgumentError for a bad option or a pixel that is NaN.
 */
export function tileImages(ink: ArrayLike<number>, options: TileOptions): GrayImage {
  const { height = 28, width = 28, columns, gap = 2 } = options;
  checkKind("gray image: height", POSITIVE, height);
  checkKind("gray image: width", POSITIVE, width);
  checkKind("gray image: columns", POSITIVE, columns);
  checkKind("gray image: gap", COUNTS, gap);
  const count = ink.length / (height * width);
  if (!Number.isInteger(count) || count === 0) {
    throw new ShapeError(`tileImages: ${ink.length} pixels are no whole number of ${height}×${width} images`);
  }
  const sheet = paper(gap + columns * (width + gap), gap + Math.ceil(count / columns) * (height + gap));
  for (let i = 0; i < ink.length; i++) {
    if (Number.isNaN(ink[i])) throw new ArgumentError(`tileImages: pixel ${i} is NaN`);
    const tile = Math.floor(i / (height * width));
    const x = gap + (tile % columns) * (width + gap) + (i % width);
    const y = gap + Math.floor(tile / columns) * (height + gap) + (Math.floor(i / width) % height);
    sheet.pixels[y * sheet.width + x] = inkToGray(ink[i]!);
  }
  return sheet;
}

/** Every pixel as a square of factor × factor pixels. @throws ArgumentError for a factor that is no integer ≥ 1. */
export function enlarge(image: GrayImage, factor: number): GrayImage {
  checkKind("gray image: factor", POSITIVE, factor);
  const large = paper(image.width * factor, image.height * factor);
  for (let y = 0; y < large.height; y++) {
    for (let x = 0; x < large.width; x++) {
      large.pixels[y * large.width + x] = image.pixels[Math.floor(y / factor) * image.width + Math.floor(x / factor)]!;
    }
  }
  return large;
}

/** Two images next to each other on white paper, the lower one centred in height. */
export function placeBeside(left: GrayImage, right: GrayImage): GrayImage {
  const sheet = paper(left.width + right.width, Math.max(left.height, right.height));
  place(sheet, left, 0, Math.floor((sheet.height - left.height) / 2));
  place(sheet, right, left.width, Math.floor((sheet.height - right.height) / 2));
  return sheet;
}

function paper(width: number, height: number): GrayImage {
  return { width, height, pixels: new Uint8Array(width * height).fill(PAPER) };
}

function place(sheet: GrayImage, image: GrayImage, x: number, y: number): void {
  for (let row = 0; row < image.height; row++) {
    const pixels = image.pixels.subarray(row * image.width, (row + 1) * image.width);
    sheet.pixels.set(pixels, (y + row) * sheet.width + x);
  }
}
