import { checkCall, checkInPlace, checkInput, checkOutput, checkSize, UNKNOWN } from "../contract";
import { at } from "../math/lanes";
import { Identity, normalized, Relu } from "./activation";
import { Column, ColumnTail, Few, Last, ROWS_TOGETHER, Whole } from "./channel-access";

// y = (x - mean) rstd + beta, then relu if asked: batch norm without gamma.
//
//   y, x                [rows, channels]; y may be x
//   mean, rstd, beta    [channels], rstd = 1 / √(variance + ε)
//
// All buffers hold floats, are 4-byte aligned and do not overlap otherwise. The kernel takes lanes of 4 along the
// channels, or along the rows where there is one channel; there is no reduction. NaN in, NaN out. The range is rows.
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
  if (!ASC_NO_ASSERT) {
    const floats = (end - begin) * channels;
    checkCall("batchNorm", begin, end, UNKNOWN);
    checkSize("channels", channels);
    checkOutput("y", at(y, first), floats);
    checkInPlace("x", at(x, first), floats);
    checkInput("mean", mean, channels);
    checkInput("rstd", rstd, channels);
    checkInput("beta", beta, channels);
  }
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
  for (let row = 0; row < rows; row += ROWS_TOGETHER) {
    const first = row * channels;
    normalizeTogether<Activation>(
      at(y, first),
      at(x, first),
      mean,
      rstd,
      beta,
      min<i32>(rows - row, ROWS_TOGETHER),
      channels,
    );
  }
}

// Normalizes some rows: channels by eights, by fours and the last ones.
function normalizeTogether<Activation>(
  y: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  rows: i32,
  channels: i32,
): void {
  if (channels < 4) {
    normalizeRows<Activation, Few>(y, x, mean, rstd, beta, rows, channels, channels);
    return;
  }
  let c = 0;
  for (; c <= channels - 8; c += 8) {
    normalizeEight<Activation>(at(y, c), at(x, c), at(mean, c), at(rstd, c), at(beta, c), rows, channels);
  }
  for (; c <= channels - 4; c += 4) {
    normalizeRows<Activation, Whole>(at(y, c), at(x, c), at(mean, c), at(rstd, c), at(beta, c), rows, channels, 4);
  }
  const rest = channels - c;
  if (rest == 0) return;
  c = channels - 4;
  normalizeRows<Activation, Last>(at(y, c), at(x, c), at(mean, c), at(rstd, c), at(beta, c), rows, channels, rest);
}

// Normalizes eight channels of some rows, which lie `stride` elements apart.
function normalizeEight<Activation>(
  y: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  rows: i32,
  stride: i32,
): void {
  const activation = changetype<Activation>(0);
  const mean0 = v128.load(mean);
  const mean1 = v128.load(mean, 16);
  const rstd0 = v128.load(rstd);
  const rstd1 = v128.load(rstd, 16);
  const beta0 = v128.load(beta);
  const beta1 = v128.load(beta, 16);
  const step = (<usize>stride) << 2;
  for (let row = 0; row < rows; row++, x += step, y += step) {
    const xHat0 = normalized(v128.load(x), mean0, rstd0);
    const xHat1 = normalized(v128.load(x, 16), mean1, rstd1);
    v128.store(y, activation.output(xHat0, beta0));
    v128.store(y, activation.output(xHat1, beta1), 16);
  }
}

// Normalizes `count` lanes of some rows, which lie `stride` elements apart.
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
