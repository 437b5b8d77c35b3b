import { ArgumentError, ShapeError } from "../engine/errors.ts";
import { IMAGE_PIXELS } from "./image-size.ts";

/** Most latent vectors or images in one call of generate or estimate. */
export const MOST_AT_ONCE = 512;

/** @throws ShapeError unless there are count·784 pixels, ArgumentError for one outside [0, 1]. */
export function checkImages(what: string, images: Float32Array, count: number): void {
  checkLength(`${what}: images`, images, count, IMAGE_PIXELS);
  for (let i = 0; i < images.length; i++) {
    const pixel = images[i]!;
    if (!(pixel >= 0 && pixel <= 1)) throw new ArgumentError(`${what}: pixel ${i} is ${pixel}; it must be in [0, 1]`);
  }
}

/** @throws ShapeError unless there are count·zDim numbers, ArgumentError for one that is not finite. */
export function checkLatent(what: string, z: Float32Array, count: number, zDim: number): void {
  checkLength(`${what}: z`, z, count, zDim);
  for (let i = 0; i < z.length; i++) {
    if (!Number.isFinite(z[i]!)) throw new ArgumentError(`${what}: z[${i}] is ${z[i]}; it must be finite`);
  }
}

/** The number of rows of `width`. @throws ShapeError unless there are 1 … 512 whole rows. */
export function countOf(what: string, values: Float32Array, width: number): number {
  checkArray(what, values);
  const count = values.length / width;
  if (Number.isInteger(count) && count >= 1 && count <= MOST_AT_ONCE) return count;
  throw new ShapeError(`${what}: ${values.length} values are not n·${width} with n from 1 to ${MOST_AT_ONCE}`);
}

function checkLength(what: string, values: Float32Array, count: number, width: number): void {
  checkArray(what, values);
  if (values.length !== count * width) {
    throw new ShapeError(`${what} has ${values.length} values; ${count}·${width} = ${count * width} are needed`);
  }
}

function checkArray(what: string, values: Float32Array): void {
  const tag: unknown = values?.[Symbol.toStringTag]; // an array of another realm counts as well
  if (tag === "Float32Array") return;
  const found = Array.isArray(values) ? "a plain array" : typeof tag === "string" ? `a ${tag}` : typeof values;
  throw new ArgumentError(`${what} must be a Float32Array, and this is ${values === null ? "null" : found}`);
}
