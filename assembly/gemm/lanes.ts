// sum + x * y in each of 4 lanes; both product and sum are rounded.
export function addProduct(sum: v128, x: v128, y: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, y));
}
