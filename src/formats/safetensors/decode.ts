import { FormatError } from "../../engine/errors.ts";
import { formatShape, sizeOf, type Shape } from "../../engine/shape.ts";
import { sha256Hex, type Sha256Hash } from "../../engine/sha256.ts";
import { parseStrictJson, type StrictJson } from "../strict-json.ts";
import {
  DIGEST_OFFSET,
  HEADER_START,
  isCounts,
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
 * Reads what encodeSafetensors wrote; the result shares no memory with `bytes`.
 * @throws FormatError for a file that is truncated or too long, breaks a rule of the format, or has one bit changed.
 */
export async function decodeSafetensors(bytes: Uint8Array, hash?: Sha256Hash): Promise<SafetensorsContent> {
  const header = readHeader(bytes);
  const entries = new Map(asObject("the header", parseStrictJson("safetensors: the header", header)));
  const metadata = readMetadata(entries.get("__metadata__") ?? null);
  entries.delete("__metadata__");
  const tensors = readTensors(entries, bytes.subarray(LENGTH_BYTES + headerLength(bytes)));
  await checkDigest(bytes, header, metadata.get("sha256") ?? "", hash);
  metadata.delete("sha256");
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

function asObject(what: string, value: StrictJson): ReadonlyMap<string, StrictJson> {
  if (!(value instanceof Map)) throw new FormatError(`safetensors: ${what} is not a JSON object`);
  return value;
}

function readMetadata(value: StrictJson): Map<string, string> {
  const metadata = new Map<string, string>();
  for (const [key, text] of asObject("__metadata__", value)) {
    if (typeof text !== "string") throw new FormatError(`safetensors: __metadata__: ${quote(key)} is not a string`);
    metadata.set(key, text);
  }
  return metadata;
}

/** Tensors in the header's order, which must be the order of their data: no gap, no overlap, nothing after the last. */
function readTensors(entries: ReadonlyMap<string, StrictJson>, data: Uint8Array): Map<string, SafetensorsTensor> {
  const tensors = new Map<string, SafetensorsTensor>();
  let offset = 0;
  for (const [name, entry] of entries) {
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

function readEntry(name: string, entry: StrictJson): { shape: Shape; begin: number; end: number } {
  const what = `tensor ${quote(name)}`;
  const fields = asObject(what, entry);
  if ([...fields.keys()].sort().join() !== "data_offsets,dtype,shape") {
    throw new FormatError(`safetensors: ${what} needs dtype, shape and data_offsets, nothing else`);
  }
  if (fields.get("dtype") !== "F32") throw new FormatError(`safetensors: ${what}: only dtype "F32" is read`);
  const shape = readCounts(`${what}: shape`, fields.get("shape"));
  const offsets = readCounts(`${what}: data_offsets`, fields.get("data_offsets"));
  const [begin = 0, end = 0] = offsets;
  if (offsets.length !== 2 || end - begin !== sizeOf(shape) * 4) {
    throw new FormatError(
      `safetensors: ${what}: data_offsets [${offsets.join()}] do not span the ${sizeOf(shape) * 4} bytes of shape ${formatShape(shape)}`,
    );
  }
  return { shape, begin, end };
}

function readCounts(what: string, value: StrictJson | undefined): readonly number[] {
  if (!isCounts(value)) throw new FormatError(`safetensors: ${what} is not a list of at most 8 integers ≥ 0`);
  return value;
}

function readFloats(bytes: Uint8Array): Float32Array {
  const view = viewOf(bytes);
  const values = new Float32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true);
  return values;
}

async function checkDigest(bytes: Uint8Array, header: string, digest: string, hash?: Sha256Hash): Promise<void> {
  if (!/^[0-9a-f]{64}$/.test(digest) || !header.startsWith(HEADER_START + digest)) {
    throw new FormatError(
      "safetensors: the header does not begin with a sha256 in __metadata__; only files with it are read",
    );
  }
  const zeros = new TextEncoder().encode(ZERO_DIGEST);
  const after = DIGEST_OFFSET + zeros.length;
  const found = await sha256Hex([bytes.subarray(0, DIGEST_OFFSET), zeros, bytes.subarray(after)], hash);
  if (found !== digest) {
    throw new FormatError(`safetensors: the file is damaged: its SHA-256 is ${found}, its header says ${digest}`);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
