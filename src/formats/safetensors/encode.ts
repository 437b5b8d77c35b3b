import { ArgumentError, ShapeError } from "../../engine/errors.ts";
import { formatShape, sizeOf, type Shape } from "../../engine/shape.ts";
import { newSha256 } from "../../engine/sha256.ts";
import {
  DIGEST_OFFSET,
  FLOAT_BYTES,
  isCounts,
  isUnicode,
  LENGTH_BYTES,
  MAX_FILE_BYTES,
  MAX_HEADER_BYTES,
  quote,
  tooLong,
  type SafetensorsContent,
} from "./format.ts";
import { encodeHeader, sorted, type NamedTensors } from "./header.ts";

/** Bytes of a piece of data: large enough for a disk, small enough not to be noticed. */
const PIECE_BYTES = 1_048_576;

/** A file to be written: its pieces one after the other are its bytes. */
export interface SafetensorsFile {
  /** Bytes of the whole file. */
  readonly size: number;
  /** The pieces in order. Each is good until the next is asked for: then it is overwritten. */
  readonly pieces: Iterable<Uint8Array<ArrayBuffer>>;
}

/**
 * The bytes of a safetensors file with its digest; format.ts describes them.
 * @throws ArgumentError for a name or key that is reserved or no Unicode text, or a content too large to be read again;
 * ShapeError where the number of values is not the shape's product.
 */
export async function encodeSafetensors(content: SafetensorsContent): Promise<Uint8Array<ArrayBuffer>> {
  return await Promise.resolve(joinPieces(streamSafetensors(content)));
}

/** All bytes of a file at once. */
export function joinPieces({ size, pieces }: SafetensorsFile): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    file.set(piece, offset);
    offset += piece.length;
  }
  return file;
}

/**
 * The same file, with no more than one tensor in memory at a time. `values` of a tensor is read twice: here for the
 * digest, which stands at the file's beginning, and again for the pieces. It must not change in between.
 * @throws the errors of encodeSafetensors, already here
 */
export function streamSafetensors(content: SafetensorsContent): SafetensorsFile {
  for (const [name, { shape }] of content.tensors) checkTensor(name, shape);
  for (const [key, text] of content.metadata) checkMetadata(key, text);
  const tensors = sorted(content.tensors);
  const header = encodeHeader(tensors, sorted(content.metadata));
  const size = header.length + tensors.reduce((bytes, [, { shape }]) => bytes + FLOAT_BYTES * sizeOf(shape), 0);
  if (header.length - LENGTH_BYTES > MAX_HEADER_BYTES) {
    throw new ArgumentError(tooLong("header", header.length - LENGTH_BYTES, MAX_HEADER_BYTES));
  }
  if (size > MAX_FILE_BYTES) throw new ArgumentError(tooLong("file", size, MAX_FILE_BYTES));
  const hash = newSha256();
  hash.update(header);
  for (const piece of dataPieces(tensors)) hash.update(piece);
  header.set(new TextEncoder().encode(hash.hex()), DIGEST_OFFSET);
  return { size, pieces: piecesOf(header, tensors) };
}

function* piecesOf(header: Uint8Array<ArrayBuffer>, tensors: NamedTensors): Generator<Uint8Array<ArrayBuffer>> {
  yield header;
  yield* dataPieces(tensors);
}

/** The tensors' bytes, always in the same buffer. */
function* dataPieces(tensors: NamedTensors): Generator<Uint8Array<ArrayBuffer>> {
  const view = new DataView(new ArrayBuffer(PIECE_BYTES));
  const floats = new Float32Array(view.buffer);
  view.setUint16(0, 1, true);
  const littleEndian = new Uint16Array(view.buffer, 0, 1)[0] === 1;
  for (const [name, tensor] of tensors) {
    const { values } = tensor;
    checkLength(name, tensor.shape, values);
    for (let start = 0; start < values.length; start += PIECE_BYTES / FLOAT_BYTES) {
      const count = Math.min(values.length - start, PIECE_BYTES / FLOAT_BYTES);
      if (littleEndian) floats.set(values.subarray(start, start + count));
      else for (let i = 0; i < count; i++) view.setFloat32(FLOAT_BYTES * i, values[start + i]!, true);
      yield new Uint8Array(view.buffer, 0, FLOAT_BYTES * count);
    }
  }
}

function checkTensor(name: string, shape: Shape): void {
  if (name === "__metadata__" || !isUnicode(name)) {
    throw new ArgumentError(`safetensors: the tensor name ${quote(name)} is reserved or no Unicode text`);
  }
  if (!isCounts(shape)) {
    throw new ShapeError(
      `safetensors: tensor ${quote(name)}: shape ${formatShape(shape)} is not at most 8 integers ≥ 0`,
    );
  }
}

function checkLength(name: string, shape: Shape, values: Float32Array): void {
  if (values.length === sizeOf(shape)) return;
  throw new ShapeError(
    `safetensors: tensor ${quote(name)}: shape ${formatShape(shape)} needs ${sizeOf(shape)} values, ` +
      `not ${values.length}`,
  );
}

function checkMetadata(key: string, text: unknown): void {
  if (key === "sha256" || !isUnicode(key)) {
    throw new ArgumentError(`safetensors: the metadata key ${quote(key)} is reserved or no Unicode text`);
  }
  if (typeof text !== "string" || !isUnicode(text)) {
    throw new ArgumentError(`safetensors: the metadata of ${quote(key)} is no Unicode text`);
  }
}
