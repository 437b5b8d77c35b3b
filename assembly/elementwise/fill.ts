// y[i] = value for begin <= i < end.
// y: floats, 4-byte aligned. Order: lanes of 4, then tail; no reduction.
export function fill(y: usize, value: f32, begin: i32, end: i32): void {
  const lanes = f32x4.splat(value);
  let i = begin;
  for (; i <= end - 4; i += 4) v128.store(y + ((<usize>i) << 2), lanes);
  for (; i < end; i++) store<f32>(y + ((<usize>i) << 2), value);
}
