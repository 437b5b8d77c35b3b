import { FormatError } from "../engine/errors.ts";
import { IMAGE_PIXELS, IMAGE_SIDE } from "./data-set.ts";
import { firstBytes } from "./first-bytes.ts";

/**
 * The IDX format of MNIST's files: big-endian 32-bit integers, then one byte for each element.
 *
 *   images  | 2051 | count | 28 | 28 | count·784 pixels
 *   labels  | 2049 | count | count labels
 *
 * Source: LeCun, Cortes, Burges, http://yann.lecun.com/exdb/mnist/
 */
const IMAGES_MAGIC = 2051;
const LABELS_MAGIC = 2049;

/** MNIST's training set, the larger of its two. */
const MOST_IMAGES = 60_000;

/** Bytes of an integer in the header. */
const FIELD = 4;

/** The pixels of an IDX file of images, [count·784]. Errors call the file `name`. @throws FormatError */
export async function readIdxImages(bytes: Uint8Array, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const header = await readHeader(bytes, 4, name);
  checkMagic(header.at(0), IMAGES_MAGIC, name, "images");
  const count = checkCount(header.at(1), name);
  const [height, width] = [header.at(2), header.at(3)];
  if (height !== IMAGE_SIDE || width !== IMAGE_SIDE) {
    throw new FormatError(`${name} has images of ${height}×${width} pixels; MNIST's are ${IMAGE_SIDE}×${IMAGE_SIDE}`);
  }
  return await readElements(bytes, 4 * FIELD, count * IMAGE_PIXELS, name, "images");
}

/** The labels of an IDX file, [count] from 0 to 9. Errors call the file `name`. @throws FormatError */
export async function readIdxLabels(bytes: Uint8Array, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const header = await readHeader(bytes, 2, name);
  checkMagic(header.at(0), LABELS_MAGIC, name, "labels");
  const labels = await readElements(bytes, 2 * FIELD, checkCount(header.at(1), name), name, "labels");
  const wrong = labels.findIndex((label) => label > 9);
  if (wrong >= 0) throw new FormatError(`${name}: label ${wrong} is ${labels[wrong]}; labels are 0 to 9`);
  return labels;
}

/**
 * The integers of a header of `fields`. If the file is too short for one, the error comes when that one is asked for.
 */
async function readHeader(bytes: Uint8Array, fields: number, name: string): Promise<{ at(field: number): number }> {
  const header = await firstBytes(bytes, fields * FIELD, name);
  const view = new DataView(header.buffer, 0, header.length);
  const at = (field: number): number => {
    const there = header.length - field * FIELD;
    if (there < FIELD) throw truncated(name, FIELD, there);
    return view.getUint32(field * FIELD);
  };
  return { at };
}

/** The bytes after a header. One byte more is asked for: gzip is read to its end, and no other byte may follow. */
async function readElements(
  bytes: Uint8Array,
  offset: number,
  count: number,
  name: string,
  kind: "images" | "labels",
): Promise<Uint8Array<ArrayBuffer>> {
  const content = await firstBytes(bytes, offset + count + 1, name);
  const there = content.length - offset;
  if (there < count) throw truncated(name, count, there);
  if (there > count) throw new FormatError(`${name} goes on after the ${kind} that its header announces`);
  return content.subarray(offset);
}

function truncated(name: string, expected: number, there: number): FormatError {
  return new FormatError(`${name} is truncated: ${expected} more bytes were expected, ${there} are there`);
}

function checkMagic(found: number, magic: number, name: string, kind: string): void {
  if (found === magic) return;
  const swapped = found === IMAGES_MAGIC || found === LABELS_MAGIC;
  const guess = swapped ? `is an IDX file of ${found === IMAGES_MAGIC ? "images" : "labels"}` : "is no IDX file";
  throw new FormatError(`${name} ${guess}: its magic number is ${found}, that of ${kind} is ${magic}`);
}

function checkCount(count: number, name: string): number {
  if (count >= 1 && count <= MOST_IMAGES) return count;
  throw new FormatError(`${name} announces ${count} elements; MNIST's files have 1 to ${MOST_IMAGES}`);
}
