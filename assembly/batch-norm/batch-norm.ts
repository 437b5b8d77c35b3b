import { map } from "../elementwise/map";
import { at, loadLanes, storeLanes } from "../math/lanes";

// Batch norm without gamma over x viewed as [rows, channels]. mean, rstd = 1 / √(variance + ε), beta: [channels].
// Floats, 4-byte aligned. Row after row, lanes of 4 along the channels, or along the rows where there is one channel.
// NaN in, NaN out. Source: Ioffe and Szegedy 2015, equations of section 3.

// rstd[c] = 1 / √(variance[c] + epsilon). rstd may be variance. The range is channels.
export function inverseDeviation(rstd: usize, variance: usize, epsilon: f32, begin: i32, end: i32): void {
  map<InverseRoot>(rstd, variance, f32x4.splat(epsilon), begin, end);
}

@unmanaged
class InverseRoot {
  lanes(variance: v128, epsilon: v128): v128 {
    return f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(variance, epsilon)));
  }
}

// y = (x - mean) rstd + beta. y may be x. The range is rows.
export function batchNorm(
  y: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  if (channels == 1) {
    normalizeRun(y, x, v128.load32_splat(mean), v128.load32_splat(rstd), v128.load32_splat(beta), begin, end);
    return;
  }
  for (let row = begin; row < end; row++) {
    normalizeRow(at(y, row * channels), at(x, row * channels), mean, rstd, beta, channels);
  }
}

function normalize(x: v128, mean: v128, rstd: v128, beta: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.sub(x, mean), rstd), beta);
}

function normalizeRun(y: usize, x: usize, mean: v128, rstd: v128, beta: v128, begin: i32, end: i32): void {
  let i = begin;
  for (; i <= end - 4; i += 4) v128.store(at(y, i), normalize(v128.load(at(x, i)), mean, rstd, beta));
  if (i < end) storeLanes(at(y, i), normalize(loadLanes(at(x, i), end - i), mean, rstd, beta), end - i);
}

function normalizeRow(y: usize, x: usize, mean: usize, rstd: usize, beta: usize, channels: i32): void {
  let c = 0;
  for (; c <= channels - 4; c += 4) {
    const lanes = normalize(
      v128.load(at(x, c)),
      v128.load(at(mean, c)),
      v128.load(at(rstd, c)),
      v128.load(at(beta, c)),
    );
    v128.store(at(y, c), lanes);
  }
  if (c < channels) {
    const rest = channels - c;
    const lanes = normalize(
      loadLanes(at(x, c), rest),
      loadLanes(at(mean, c), rest),
      loadLanes(at(rstd, c), rest),
      loadLanes(at(beta, c), rest),
    );
    storeLanes(at(y, c), lanes, rest);
  }
}
