// sum + x * y in each of 4 lanes, product and sum both rounded.
export function addProduct(sum: v128, x: v128, y: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, y));
}

// The first `count` (1..4) floats at `from`, zeros behind them. Reads nothing past them.
export function loadLanes(from: usize, count: i32): v128 {
  if (count == 4) return v128.load(from);
  let lanes = v128.load32_zero(from);
  if (count > 1) lanes = v128.load_lane<f32>(from, lanes, 1, 4);
  if (count > 2) lanes = v128.load_lane<f32>(from, lanes, 2, 8);
  return lanes;
}

// Stores the first `count` (1..4) lanes at `to` and touches nothing past them.
export function storeLanes(to: usize, lanes: v128, count: i32): void {
  if (count == 4) {
    v128.store(to, lanes);
    return;
  }
  v128.store_lane<f32>(to, lanes, 0);
  if (count > 1) v128.store_lane<f32>(to, lanes, 1, 4);
  if (count > 2) v128.store_lane<f32>(to, lanes, 2, 8);
}
