import { ArgumentError, ShapeError } from "../../errors.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import { sha256Hex } from "../sha256.ts";
import {
  DIGEST_OFFSET,
  HEADER_START,
  isCounts,
  isUnicode,
  LENGTH_BYTES,
  MAX_FILE_BYTES,
  MAX_HEADER_BYTES,
  quote,
  tooLong,
  ZERO_DIGEST,
  type SafetensorsContent,
  type SafetensorsTensor,
} from "./format.ts";

/**
 * The bytes of a safetensors file with its digest; format.ts describes them.
 * @throws ArgumentError for a name or key that is reserved or no Unicode text, or a content too large to be read again;
 * ShapeError where the number of values is not the shape's product.
 */
export async function encodeSafetensors(content: SafetensorsContent): Promise<Uint8Array<ArrayBuffer>> {
  for (const [name, tensor] of content.tensors) checkTensor(name, tensor);
  for (const [key, text] of content.metadata) checkMetadata(key, text);
  const tensors = sorted(content.tensors);
  const header = encodeHeader(tensors, sorted(content.metadata));
  const size = LENGTH_BYTES + header.length + tensors.reduce((bytes, [, { values }]) => bytes + 4 * values.length, 0);
  if (header.length > MAX_HEADER_BYTES) throw new ArgumentError(tooLong("header", header.length, MAX_HEADER_BYTES));
  if (size > MAX_FILE_BYTES) throw new ArgumentError(tooLong("file", size, MAX_FILE_BYTES));

  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  view.setUint32(0, header.length, true);
  file.set(header, LENGTH_BYTES);
  let offset = LENGTH_BYTES + header.length;
  for (const [, { values }] of tensors) offset = writeFloats(view, offset, values);
  file.set(new TextEncoder().encode(await sha256Hex(file)), DIGEST_OFFSET);
  return file;
}

function checkTensor(name: string, { shape, values }: SafetensorsTensor): void {
  if (name === "__metadata__" || !isUnicode(name)) {
    throw new ArgumentError(`safetensors: the tensor name ${quote(name)} is reserved or no Unicode text`);
  }
  if (!isCounts(shape)) {
    throw new ShapeError(
      `safetensors: tensor ${quote(name)}: shape ${formatShape(shape)} is not at most 8 integers ≥ 0`,
    );
  }
  if (values.length !== sizeOf(shape)) {
    throw new ShapeError(
      `safetensors: tensor ${quote(name)}: shape ${formatShape(shape)} needs ${sizeOf(shape)} values, not ${values.length}`,
    );
  }
}

function checkMetadata(key: string, text: unknown): void {
  if (key === "sha256" || !isUnicode(key)) {
    throw new ArgumentError(`safetensors: the metadata key ${quote(key)} is reserved or no Unicode text`);
  }
  if (typeof text !== "string" || !isUnicode(text)) {
    throw new ArgumentError(`safetensors: the metadata of ${quote(key)} is no Unicode text`);
  }
}

/** JSON put together by hand: an object would reorder names like "1" and lose "__proto__". */
function encodeHeader(
  tensors: readonly (readonly [string, SafetensorsTensor])[],
  metadata: readonly (readonly [string, string])[],
): Uint8Array {
  let text = HEADER_START + ZERO_DIGEST + '"';
  for (const [key, value] of metadata) text += `,${JSON.stringify(key)}:${JSON.stringify(value)}`;
  text += "}";
  let begin = 0;
  for (const [name, { shape, values }] of tensors) {
    const end = begin + 4 * values.length;
    text += `,${JSON.stringify(name)}:{"dtype":"F32","shape":[${shape.join()}],"data_offsets":[${begin},${end}]}`;
    begin = end;
  }
  const header = new TextEncoder().encode(text + "}");
  const padded = new Uint8Array(Math.ceil(header.length / 8) * 8).fill(0x20);
  padded.set(header);
  return padded;
}

function writeFloats(view: DataView, offset: number, values: Float32Array): number {
  for (let i = 0; i < values.length; i++) view.setFloat32(offset + 4 * i, values[i]!, true);
  return offset + 4 * values.length;
}

function sorted<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
