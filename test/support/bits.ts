/** The bits of a run's result: equal only where every bit is, −0 and 0 apart. */
export function bitsOf(value: number | Float32Array): Int32Array {
  const floats = typeof value === "number" ? Float32Array.of(value) : value;
  return new Int32Array(floats.slice().buffer);
}
