import { sizeOf } from "../../engine/shape.ts";
import { FLOAT_BYTES, HEADER_START, LENGTH_BYTES, ZERO_DIGEST, type SafetensorsTensor } from "./format.ts";

/** Tensors by name, in the order in which they lie in a file. */
export type NamedTensors = readonly (readonly [string, SafetensorsTensor])[];

/**
 * The one spelling of a file's header, its length before it and a digest of zeros in it; `tensors` and `metadata` are
 * sorted. The JSON is put together by hand: an object would reorder names like "1" and lose "__proto__".
 */
export function encodeHeader(
  tensors: NamedTensors,
  metadata: readonly (readonly [string, string])[],
): Uint8Array<ArrayBuffer> {
  let text = HEADER_START + ZERO_DIGEST + '"';
  for (const [key, value] of metadata) text += `,${JSON.stringify(key)}:${JSON.stringify(value)}`;
  text += "}";
  let begin = 0;
  for (const [name, { shape }] of tensors) {
    const end = begin + FLOAT_BYTES * sizeOf(shape);
    text += `,${JSON.stringify(name)}:{"dtype":"F32","shape":[${shape.join()}],"data_offsets":[${begin},${end}]}`;
    begin = end;
  }
  const json = new TextEncoder().encode(text + "}");
  const length = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, LENGTH_BYTES);
  return header;
}

/** Names in ascending order of their UTF-16 code units, as they are written. */
export function sorted<T>(map: Iterable<readonly [string, T]>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
