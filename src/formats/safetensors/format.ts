/**
 * The safetensors format (https://huggingface.co/docs/safetensors), float32 only, with a digest:
 *
 *   ┌───────────────┬──────────────────────────────┬──────────────────────────────┐
 *   │ 8 bytes: N,   │ N bytes: JSON, UTF-8, padded │ the tensors, little-endian,  │
 *   │ little-endian │ with spaces to a multiple    │ row-major, one after the     │
 *   │ u64           │ of 8                         │ other in the header's order  │
 *   └───────────────┴──────────────────────────────┴──────────────────────────────┘
 *
 *   {"__metadata__":{"sha256":"64 hex digits","key":"text", … },
 *    "name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}, … }
 *
 * The header has no white space but its padding; after `sha256`, keys and then tensors are sorted by UTF-16 code units.
 * So the same content always gives the same bytes. `sha256` is the SHA-256 of the whole file with its own 64 digits,
 * bytes 35 to 98, replaced by the character 0: it covers length, header and data. Reading demands it.
 */
import { MAX_RANK, type Shape } from "../../engine/shape.ts";
import { integer } from "../../engine/value-kinds.ts";

/**
 * One tensor: `values` holds the shape's product of float32, row-major. An axis may be 0; [] is a scalar. For writing,
 * `values` may be a getter that makes the array: it is called when the tensor's turn comes.
 */
export interface SafetensorsTensor {
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** The content of a file: tensors by name, and metadata without the digest. Order does not matter when writing. */
export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Longest header written or read, in bytes. */
export const MAX_HEADER_BYTES = 1_048_576;

/** Longest file written or read, in bytes: four times the largest checkpoint of the GAN. */
export const MAX_FILE_BYTES = 536_870_912;

/** Bytes of a tensor's element. */
export const FLOAT_BYTES = 4;

/** Bytes of the header's length, which stands before it. */
export const LENGTH_BYTES = 8;

/** The beginning of every header; the digest's digits follow. */
export const HEADER_START = '{"__metadata__":{"sha256":"';

/** The text in the digest's place while the digest is computed. */
export const ZERO_DIGEST: string = "0".repeat(64);

/** The place of the digest's 64 digits in the file. */
export const DIGEST_OFFSET: number = LENGTH_BYTES + HEADER_START.length;

const COUNTS = integer(0);

/** True if a value is a shape, or a pair of offsets: at most MAX_RANK integers ≥ 0. */
export function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length <= MAX_RANK && value.every((n) => COUNTS.includes(n));
}

/** True if every surrogate of a text has its partner; with the u flag only those without one match. */
export function isUnicode(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** A foreign name for an error's one line: quoted, escaped, cut. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

/** The error text for a header or file above its limit. */
export function tooLong(what: string, bytes: number, most: number): string {
  return `safetensors: the ${what} has ${bytes} bytes; at most ${most} are allowed`;
}
