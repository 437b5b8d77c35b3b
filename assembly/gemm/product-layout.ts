// Where the matrices of a batch of equal products lie, as the compiler writes it to memory: 11 i32s, strides in floats.
// Product p of the batch, with A_p [m, k], B_p [k, n] and C_p [m, n]:
//
//   A_p(i, k) at  a + 4 * (p * aPlane + i * aRowStride + k * aStep): (k, 1) is a row-major [m, k], (1, m) a transposed [k, m]
//   C_p(i, j) at  c + 4 * (p * cPlane + i * cRowStride + (j >> 4) * cPanelStride + (j & 15)): (n, 16) is a row-major [m, n],
//                 (16, 16 m) makes C panels [ceil(n/16)][m][16]
//   B_p       at  panels + 4 * p * panelsPlane, as packPanels leaves it: [ceil(n/16)][k][16], columns past n are 0
@unmanaged
export class ProductLayout {
  // For who counts operations: kernels take it from the range.
  batch: i32;
  m: i32;
  n: i32;
  k: i32;
  aPlane: i32;
  aRowStride: i32;
  aStep: i32;
  cPlane: i32;
  cRowStride: i32;
  cPanelStride: i32;
  panelsPlane: i32;
}
