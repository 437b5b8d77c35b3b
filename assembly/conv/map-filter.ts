import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at, loadLanes, storeLanes } from "../math/lanes";

// y[p, q, c] = Σ_i Σ_j rowMap[p, i] colMap[q, j] w[i, j, c]: a filter mapped onto another grid, by one matrix for each
// axis. So a filter that follows a bilinear resize becomes a filter on the image before it.
//
//   y       [outHeight, outWidth, channels], where channels is the product of the filter's in and out channels
//   w       [inHeight, inWidth, channels]
//   rowMap  [outHeight, inHeight]
//   colMap  [outWidth, inWidth]
//
// All buffers hold floats, are 4-byte aligned and do not overlap. Each element is one chain from 0, ascending i, then
// j; the product of the two maps comes first. The range is channels.
export function mapFilter(
  y: usize,
  w: usize,
  rowMap: usize,
  colMap: usize,
  outHeight: i32,
  outWidth: i32,
  inHeight: i32,
  inWidth: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    checkCall("mapFilter", begin, end, channels);
    checkSize("outHeight", outHeight);
    checkSize("outWidth", outWidth);
    checkSize("inHeight", inHeight);
    checkSize("inWidth", inWidth);
    checkOutput("y", y, outHeight * outWidth * channels);
    checkInput("w", w, inHeight * inWidth * channels);
    checkInput("rowMap", rowMap, outHeight * inHeight);
    checkInput("colMap", colMap, outWidth * inWidth);
  }
  for (let p = 0; p < outHeight; p++) {
    for (let q = 0; q < outWidth; q++) {
      const to = at(y, (p * outWidth + q) * channels);
      const rowFactors = at(rowMap, p * inHeight);
      const colFactors = at(colMap, q * inWidth);
      for (let c = begin; c < end; c += 4) {
        const sum = mapLanes(at(w, c), rowFactors, colFactors, inHeight, inWidth, channels, end - c);
        storeLanes(at(to, c), sum, end - c);
      }
    }
  }
}

function mapLanes(
  w: usize,
  rowFactors: usize,
  colFactors: usize,
  inHeight: i32,
  inWidth: i32,
  channels: i32,
  count: i32,
): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < inHeight; i++) {
    for (let j = 0; j < inWidth; j++) {
      const factor = load<f32>(at(rowFactors, i)) * load<f32>(at(colFactors, j));
      const tap = loadLanes(at(w, (i * inWidth + j) * channels), count);
      sum = f32x4.add(sum, f32x4.mul(f32x4.splat(factor), tap));
    }
  }
  return sum;
}
