import { at, loadLanes, storeLanes } from "../math/lanes";

// dx = rstd (dy - sumDy / rows - x̂ sumDyXhat / rows) with x̂ = (x - mean) rstd: the gradient through mean and
// variance. dx, dy, x: [rows, channels]; mean, rstd, sumDy = Σ dy and sumDyXhat = Σ dy x̂: [channels]; floats, 4-byte
// aligned; dx may be dy. Both quotients are taken as products with the float32 1 / rows. Row after row, lanes of 4
// along the channels, or along the rows where there is one channel; no reduction. NaN in, NaN out. The range is rows.
export function batchNormGrad(
  dx: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  sumDy: usize,
  sumDyXhat: usize,
  rows: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  const inverse = f32x4.splat(<f32>1 / <f32>rows);
  if (channels == 1) {
    gradientOfRun(dx, dy, x, mean, rstd, sumDy, sumDyXhat, inverse, begin, end);
    return;
  }
  for (let row = begin; row < end; row++) {
    const first = row * channels;
    gradientOfRow(at(dx, first), at(dy, first), at(x, first), mean, rstd, sumDy, sumDyXhat, inverse, channels);
  }
}

// rstd ((dy - meanDy) - x̂ meanDyXhat).
function gradient(dy: v128, x: v128, mean: v128, rstd: v128, meanDy: v128, meanDyXhat: v128): v128 {
  const xHat = f32x4.mul(f32x4.sub(x, mean), rstd);
  return f32x4.mul(rstd, f32x4.sub(f32x4.sub(dy, meanDy), f32x4.mul(xHat, meanDyXhat)));
}

function gradientOfRun(
  dx: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  sumDy: usize,
  sumDyXhat: usize,
  inverse: v128,
  begin: i32,
  end: i32,
): void {
  const means = v128.load32_splat(mean);
  const rstds = v128.load32_splat(rstd);
  const meanDy = f32x4.mul(v128.load32_splat(sumDy), inverse);
  const meanDyXhat = f32x4.mul(v128.load32_splat(sumDyXhat), inverse);
  let i = begin;
  for (; i <= end - 4; i += 4) {
    const lanes = gradient(v128.load(at(dy, i)), v128.load(at(x, i)), means, rstds, meanDy, meanDyXhat);
    v128.store(at(dx, i), lanes);
  }
  if (i < end) {
    const rest = end - i;
    const lanes = gradient(loadLanes(at(dy, i), rest), loadLanes(at(x, i), rest), means, rstds, meanDy, meanDyXhat);
    storeLanes(at(dx, i), lanes, rest);
  }
}

function gradientOfRow(
  dx: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  sumDy: usize,
  sumDyXhat: usize,
  inverse: v128,
  channels: i32,
): void {
  let c = 0;
  for (; c <= channels - 4; c += 4) {
    const lanes = gradient(
      v128.load(at(dy, c)),
      v128.load(at(x, c)),
      v128.load(at(mean, c)),
      v128.load(at(rstd, c)),
      f32x4.mul(v128.load(at(sumDy, c)), inverse),
      f32x4.mul(v128.load(at(sumDyXhat, c)), inverse),
    );
    v128.store(at(dx, c), lanes);
  }
  if (c < channels) {
    const rest = channels - c;
    const lanes = gradient(
      loadLanes(at(dy, c), rest),
      loadLanes(at(x, c), rest),
      loadLanes(at(mean, c), rest),
      loadLanes(at(rstd, c), rest),
      f32x4.mul(loadLanes(at(sumDy, c), rest), inverse),
      f32x4.mul(loadLanes(at(sumDyXhat, c), rest), inverse),
    );
    storeLanes(at(dx, c), lanes, rest);
  }
}
