import { FormatError } from "../../engine/errors.ts";
import { formatShape, sizeOf, type Shape } from "../../engine/shape.ts";
import { isSha256, sha256Hex } from "../../engine/sha256.ts";
import {
  DIGEST_OFFSET,
  FLOAT_BYTES,
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
import { encodeHeader, sorted } from "./header.ts";

/**
 * Reads a file of encodeSafetensors; the result shares no memory with `bytes`. The header is encoded again from the
 * values read and compared, so that only its one spelling is accepted: no name twice, no white space, no other form of
 * a number.
 * @throws FormatError for a file that is truncated or too long, breaks a rule of the format, or has one bit changed.
 */
export async function decodeSafetensors(bytes: Uint8Array): Promise<SafetensorsContent> {
  const header = readHeader(bytes);
  const { __metadata__: described, ...entries } = asObject("the header", parseJson(header));
  const metadata = readMetadata(described);
  const tensors = readTensors(entries, bytes.subarray(LENGTH_BYTES + headerLength(bytes)));
  const digest = metadata.get("sha256") ?? "";
  metadata.delete("sha256");
  if (!isSha256(digest) || !header.startsWith(HEADER_START + digest)) {
    throw new FormatError(
      "safetensors: the header does not begin with a sha256 in __metadata__; only files with it are read",
    );
  }
  checkSpelling(bytes, tensors, metadata);
  await checkDigest(bytes, digest);
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array): string {
  if (bytes.length < LENGTH_BYTES) {
    throw new FormatError(`safetensors: the file ends after ${bytes.length} bytes, inside its header's length`);
  }
  if (bytes.length > MAX_FILE_BYTES) throw new FormatError(tooLong("file", bytes.length, MAX_FILE_BYTES));
  const length = headerLength(bytes);
  if (length > MAX_HEADER_BYTES) throw new FormatError(tooLong("header", length, MAX_HEADER_BYTES));
  if (LENGTH_BYTES + length > bytes.length) {
    throw new FormatError(
      `safetensors: the file ends after ${bytes.length} bytes, inside its header of ${length} bytes`,
    );
  }
  try {
    const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return utf8.decode(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
  } catch (cause) {
    throw new FormatError("safetensors: the header is not UTF-8", { cause });
  }
}

function headerLength(bytes: Uint8Array): number {
  return Number(viewOf(bytes).getBigUint64(0, true));
}

function parseJson(header: string): unknown {
  try {
    return JSON.parse(header);
  } catch (cause) {
    throw new FormatError("safetensors: the header is not JSON", { cause });
  }
}

function asObject(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new FormatError(`safetensors: ${what} is not a JSON object`);
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readMetadata(value: unknown): Map<string, string> {
  const metadata = new Map<string, string>();
  for (const [key, text] of Object.entries(asObject("__metadata__", value))) {
    if (typeof text !== "string") throw new FormatError(`safetensors: __metadata__: ${quote(key)} is not a string`);
    checkUnicode(`__metadata__: ${quote(key)}`, key + text);
    metadata.set(key, text);
  }
  return metadata;
}

/**
 * Tensors in the order of their names, which must be the order of their data: no gap, no overlap, nothing after the
 * last.
 */
function readTensors(entries: Readonly<Record<string, unknown>>, data: Uint8Array): Map<string, SafetensorsTensor> {
  const tensors = new Map<string, SafetensorsTensor>();
  let offset = 0;
  for (const [name, entry] of sorted(Object.entries(entries))) {
    checkUnicode(`tensor ${quote(name)}`, name);
    const { shape, begin, end } = readEntry(name, entry);
    if (begin !== offset) {
      throw new FormatError(
        `safetensors: tensor ${quote(name)} begins at offset ${begin}; the one before ends at ${offset}`,
      );
    }
    if (end > data.length) {
      throw new FormatError(
        `safetensors: tensor ${quote(name)} ends at offset ${end}; the file has ${data.length} bytes of data`,
      );
    }
    tensors.set(name, { shape, values: readFloats(data.subarray(begin, end)) });
    offset = end;
  }
  if (offset !== data.length) {
    throw new FormatError(
      `safetensors: ${data.length - offset} bytes follow the last tensor, which ends at offset ${offset}`,
    );
  }
  return tensors;
}

function readEntry(name: string, entry: unknown): { shape: Shape; begin: number; end: number } {
  const what = `tensor ${quote(name)}`;
  const fields = asObject(what, entry);
  if (Object.keys(fields).sort().join() !== "data_offsets,dtype,shape") {
    throw new FormatError(`safetensors: ${what} needs dtype, shape and data_offsets, nothing else`);
  }
  if (fields.dtype !== "F32") throw new FormatError(`safetensors: ${what}: only dtype "F32" is read`);
  const shape = readCounts(`${what}: shape`, fields.shape);
  const offsets = readCounts(`${what}: data_offsets`, fields.data_offsets);
  const [begin = 0, end = 0] = offsets;
  const size = FLOAT_BYTES * sizeOf(shape);
  if (offsets.length !== 2 || end - begin !== size) {
    throw new FormatError(
      `safetensors: ${what}: data_offsets [${offsets.join()}] do not span ` +
        `the ${size} bytes of shape ${formatShape(shape)}`,
    );
  }
  return { shape, begin, end };
}

function readCounts(what: string, value: unknown): readonly number[] {
  if (!isCounts(value)) throw new FormatError(`safetensors: ${what} is not a list of at most 8 integers ≥ 0`);
  return value;
}

function checkUnicode(what: string, text: string): void {
  if (!isUnicode(text)) throw new FormatError(`safetensors: ${what} has half a surrogate pair`);
}

function readFloats(bytes: Uint8Array): Float32Array {
  const view = viewOf(bytes);
  const values = new Float32Array(bytes.length / FLOAT_BYTES);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(FLOAT_BYTES * i, true);
  return values;
}

/** Length and header, byte for byte, without the digest. */
function checkSpelling(
  bytes: Uint8Array,
  tensors: ReadonlyMap<string, SafetensorsTensor>,
  metadata: ReadonlyMap<string, string>,
): void {
  const spelling = encodeHeader([...tensors], sorted(metadata));
  spelling.set(bytes.subarray(DIGEST_OFFSET, DIGEST_OFFSET + ZERO_DIGEST.length), DIGEST_OFFSET);
  const differs = spelling.findIndex((byte, i) => byte !== bytes[i]);
  if (differs < 0) return;
  throw new FormatError(
    `safetensors: the header differs at byte ${differs} from the one spelling of its content: ` +
      "each name once and in order, no white space, the shortest form of every number and text",
  );
}

async function checkDigest(bytes: Uint8Array, digest: string): Promise<void> {
  const zeros = new TextEncoder().encode(ZERO_DIGEST);
  const after = DIGEST_OFFSET + zeros.length;
  const found = await sha256Hex([bytes.subarray(0, DIGEST_OFFSET), zeros, bytes.subarray(after)]);
  if (found !== digest) {
    throw new FormatError(`safetensors: the file is damaged: its SHA-256 is ${found}, its header says ${digest}`);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
