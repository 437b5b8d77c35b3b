import { at } from "../math/lanes";
import { Identity, normalized, Relu } from "./activation";
import { Column, ColumnTail, ROWS_TOGETHER, Tail, Whole } from "./channel-access";

// y = (x - mean) rstd + beta, then relu if asked: batch norm without gamma. x, y: [rows, channels]; mean,
// rstd = 1 / √(variance + ε), beta: [channels]; floats, 4-byte aligned; y may be x. Lanes of 4 along the channels, or
// along the rows where there is one channel; no reduction. NaN in, NaN out. The range is rows.
// Source: Ioffe and Szegedy 2015, equations of section 3.
export function batchNorm(
  y: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  channels: i32,
  relu: i32,
  begin: i32,
  end: i32,
): void {
  const first = begin * channels;
  if (relu) {
    normalize<Relu>(at(y, first), at(x, first), mean, rstd, beta, end - begin, channels);
  } else {
    normalize<Identity>(at(y, first), at(x, first), mean, rstd, beta, end - begin, channels);
  }
}

function normalize<Activation>(
  y: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  rows: i32,
  channels: i32,
): void {
  if (channels == 1) {
    const whole = rows & ~3;
    normalizeRows<Activation, Column>(y, x, mean, rstd, beta, whole >> 2, 4, 4);
    if (whole < rows)
      normalizeRows<Activation, ColumnTail>(at(y, whole), at(x, whole), mean, rstd, beta, 1, 4, rows - whole);
    return;
  }
  const whole = channels & ~3;
  for (let row = 0; row < rows; row += ROWS_TOGETHER) {
    const together = min<i32>(rows - row, ROWS_TOGETHER);
    let i = row * channels;
    for (let c = 0; c < whole; c += 4, i += 4) {
      normalizeRows<Activation, Whole>(
        at(y, i),
        at(x, i),
        at(mean, c),
        at(rstd, c),
        at(beta, c),
        together,
        channels,
        4,
      );
    }
    if (whole < channels) {
      normalizeRows<Activation, Tail>(
        at(y, i),
        at(x, i),
        at(mean, whole),
        at(rstd, whole),
        at(beta, whole),
        together,
        channels,
        channels - whole,
      );
    }
  }
}

// `count` lanes of some rows, which lie `stride` elements apart.
function normalizeRows<Activation, Access>(
  y: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  rows: i32,
  stride: i32,
  count: i32,
): void {
  const activation = changetype<Activation>(0);
  const access = changetype<Access>(0);
  const means = access.coefficient(mean, count);
  const rstds = access.coefficient(rstd, count);
  const betas = access.coefficient(beta, count);
  const step = (<usize>stride) << 2;
  for (let row = 0; row < rows; row++, x += step, y += step) {
    const xHat = normalized(access.load(x, count), means, rstds);
    access.store(y, activation.output(xHat, betas), count);
  }
}
