/** The bits of a run's result: equal only where every bit is equal, so −0 differs from 0. */
export function bitsOf(value: number | Float32Array): Int32Array {
  const floats = typeof value === "number" ? Float32Array.of(value) : value;
  return new Int32Array(floats.slice().buffer);
}
