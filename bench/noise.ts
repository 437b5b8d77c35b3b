/** Fills an array with numbers in (0, 1): an equidistributed sequence, the same every time. Returns it. */
export function uniform(values: Float32Array): Float32Array {
  const period = Math.min(values.length, 65521);
  for (let i = 0; i < period; i++) values[i] = 0.001 + 0.998 * ((i * 0.6180339887498949) % 1);
  for (let filled = period; filled < values.length; filled *= 2) values.copyWithin(filled, 0, filled);
  return values;
}
