import { FormatError } from "../engine/errors.ts";
import { ByteReader } from "./byte-reader.ts";
import { IMAGE_PIXELS, IMAGE_SIDE } from "./data-set.ts";

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

/** The pixels of an IDX file of images, [count·784]. `name` is what errors call the file. @throws FormatError */
export async function readIdxImages(bytes: Uint8Array, name: string): Promise<Uint8Array<ArrayBuffer>> {
  return await readIdx(bytes, name, "images", IMAGES_MAGIC, async (reader) => {
    const [count, height, width] = [
      await readCount(reader, name),
      await readInteger(reader),
      await readInteger(reader),
    ];
    if (height !== IMAGE_SIDE || width !== IMAGE_SIDE) {
      throw new FormatError(`${name} has images of ${height}×${width} pixels; MNIST's are ${IMAGE_SIDE}×${IMAGE_SIDE}`);
    }
    return await reader.read(count * IMAGE_PIXELS);
  });
}

/** The labels of an IDX file, [count] from 0 to 9. `name` is what errors call the file. @throws FormatError */
export async function readIdxLabels(bytes: Uint8Array, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const labels = await readIdx(bytes, name, "labels", LABELS_MAGIC, async (reader) => {
    return await reader.read(await readCount(reader, name));
  });
  const wrong = labels.findIndex((label) => label > 9);
  if (wrong >= 0) throw new FormatError(`${name}: label ${wrong} is ${labels[wrong]}; labels are 0 to 9`);
  return labels;
}

async function readIdx(
  bytes: Uint8Array,
  name: string,
  kind: "images" | "labels",
  magic: number,
  readRest: (reader: ByteReader) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new ByteReader(bytes, name);
  try {
    checkMagic(await readInteger(reader), magic, name, kind);
    const elements = await readRest(reader);
    if (!(await reader.atEnd())) throw new FormatError(`${name} goes on after the ${kind} that its header announces`);
    return elements;
  } finally {
    await reader.close();
  }
}

function checkMagic(found: number, magic: number, name: string, kind: string): void {
  if (found === magic) return;
  const swapped = found === IMAGES_MAGIC || found === LABELS_MAGIC;
  const guess = swapped ? `is an IDX file of ${found === IMAGES_MAGIC ? "images" : "labels"}` : "is no IDX file";
  throw new FormatError(`${name} ${guess}: its magic number is ${found}, that of ${kind} is ${magic}`);
}

async function readCount(reader: ByteReader, name: string): Promise<number> {
  const count = await readInteger(reader);
  if (count >= 1 && count <= MOST_IMAGES) return count;
  throw new FormatError(`${name} announces ${count} elements; MNIST's files have 1 to ${MOST_IMAGES}`);
}

async function readInteger(reader: ByteReader): Promise<number> {
  const { buffer } = await reader.read(4);
  return new DataView(buffer).getUint32(0);
}
