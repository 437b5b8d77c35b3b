import { ArgumentError } from "../errors.ts";
import type { Initializer } from "../graph/initializer.ts";

/** Every element 0. */
export function zeros(): Initializer {
  return { kind: "constant", value: 0 };
}

/** Every element `value`. @throws ArgumentError unless it is finite. */
export function constant(value: number): Initializer {
  if (!Number.isFinite(value)) throw new ArgumentError(`constant: value ${value} is not a finite number`);
  return { kind: "constant", value };
}

/** Normal with mean 0. @throws ArgumentError unless stddev ≥ 0 is finite. */
export function normal(stddev: number): Initializer {
  return { kind: "normal", stddev: checkedDeviation("normal", stddev) };
}

/**
 * Normal with mean 0; values beyond two standard deviations are drawn again.
 * (https://www.tensorflow.org/api_docs/python/tf/compat/v1/truncated_normal_initializer)
 * @throws ArgumentError unless stddev ≥ 0 is finite.
 */
export function truncatedNormal(stddev: number): Initializer {
  return { kind: "truncatedNormal", stddev: checkedDeviation("truncatedNormal", stddev) };
}

function checkedDeviation(name: string, stddev: number): number {
  if (Number.isFinite(stddev) && stddev >= 0) return stddev;
  throw new ArgumentError(`${name}: stddev ${stddev} is not a finite number ≥ 0`);
}
