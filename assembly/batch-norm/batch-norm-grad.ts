import { checkCall, checkInPlace, checkInput, checkOutput, checkSize } from "../contract";
import { at } from "../math/lanes";
import { Identity, normalized, Relu } from "./activation";
import { Column, ColumnTail, Few, Last, ROWS_TOGETHER, Whole } from "./channel-access";

// dx = rstd (g - Σg / rows - x̂ Σ(g x̂) / rows) with x̂ = (x - mean) rstd and g = dy or, where relu followed,
// g = x̂ + beta > 0 ? dy : 0: the gradient through mean and variance.
//
//   dx, dy, x   [rows, channels]; dx may be dy
//   mean, rstd  [channels]
//   beta        [channels]; without relu any address that holds as much
//   sums        [2, channels]: Σg and Σ(g x̂) of all rows
//
// All buffers hold floats, are 4-byte aligned and do not overlap otherwise. Both quotients are products with the
// float32 1 / rows. The kernel takes lanes of 4 along the channels, or along the rows where there is one channel; there
// is no reduction. NaN in, NaN out. The range is rows.
export function batchNormGrad(
  dx: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  sums: usize,
  rows: i32,
  channels: i32,
  relu: i32,
  begin: i32,
  end: i32,
): void {
  const first = begin * channels;
  if (!ASC_NO_ASSERT) {
    const floats = (end - begin) * channels;
    checkCall("batchNormGrad", begin, end, rows);
    checkSize("rows", rows);
    checkSize("channels", channels);
    checkOutput("dx", at(dx, first), floats);
    checkInPlace("dy", at(dy, first), floats);
    checkInput("x", at(x, first), floats);
    checkInput("mean", mean, channels);
    checkInput("rstd", rstd, channels);
    checkInput("beta", beta, channels);
    checkInput("sums", sums, 2 * channels);
  }
  const inverse = <f32>1 / <f32>rows;
  const count = end - begin;
  if (relu) {
    gradient<Relu>(at(dx, first), at(dy, first), at(x, first), mean, rstd, beta, sums, inverse, count, channels);
  } else {
    gradient<Identity>(at(dx, first), at(dy, first), at(x, first), mean, rstd, beta, sums, inverse, count, channels);
  }
}

function gradient<Activation>(
  dx: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  sums: usize,
  inverse: f32,
  rows: i32,
  channels: i32,
): void {
  const products = at(sums, channels);
  if (channels == 1) {
    const n = rows & ~3;
    gradientOfRows<Activation, Column>(dx, dy, x, mean, rstd, beta, sums, products, inverse, n >> 2, 4, 4);
    if (n == rows) return;
    const rest = rows - n;
    gradientOfRows<Activation, ColumnTail>(
      at(dx, n),
      at(dy, n),
      at(x, n),
      mean,
      rstd,
      beta,
      sums,
      products,
      inverse,
      1,
      4,
      rest,
    );
    return;
  }
  for (let row = 0; row < rows; row += ROWS_TOGETHER) {
    const first = row * channels;
    gradientTogether<Activation>(
      at(dx, first),
      at(dy, first),
      at(x, first),
      mean,
      rstd,
      beta,
      sums,
      inverse,
      min<i32>(rows - row, ROWS_TOGETHER),
      channels,
    );
  }
}

// The gradient of some rows: channels by eights, by fours and the last ones.
function gradientTogether<Activation>(
  dx: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  sums: usize,
  inverse: f32,
  rows: i32,
  channels: i32,
): void {
  if (channels < 4) {
    const products = at(sums, channels);
    gradientOfRows<Activation, Few>(dx, dy, x, mean, rstd, beta, sums, products, inverse, rows, channels, channels);
    return;
  }
  let c = 0;
  for (; c <= channels - 8; c += 8) {
    gradientOfEight<Activation>(
      at(dx, c),
      at(dy, c),
      at(x, c),
      at(mean, c),
      at(rstd, c),
      at(beta, c),
      at(sums, c),
      at(sums, channels + c),
      inverse,
      rows,
      channels,
    );
  }
  for (; c <= channels - 4; c += 4) {
    gradientOfRows<Activation, Whole>(
      at(dx, c),
      at(dy, c),
      at(x, c),
      at(mean, c),
      at(rstd, c),
      at(beta, c),
      at(sums, c),
      at(sums, channels + c),
      inverse,
      rows,
      channels,
      4,
    );
  }
  const rest = channels - c;
  if (rest == 0) return;
  c = channels - 4;
  gradientOfRows<Activation, Last>(
    at(dx, c),
    at(dy, c),
    at(x, c),
    at(mean, c),
    at(rstd, c),
    at(beta, c),
    at(sums, c),
    at(sums, channels + c),
    inverse,
    rows,
    channels,
    rest,
  );
}

// The gradient of eight channels of some rows, which lie `stride` elements apart.
function gradientOfEight<Activation>(
  dx: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  sums: usize,
  products: usize,
  inverse: f32,
  rows: i32,
  stride: i32,
): void {
  const activation = changetype<Activation>(0);
  const inverses = f32x4.splat(inverse);
  const mean0 = v128.load(mean);
  const mean1 = v128.load(mean, 16);
  const rstd0 = v128.load(rstd);
  const rstd1 = v128.load(rstd, 16);
  const beta0 = v128.load(beta);
  const beta1 = v128.load(beta, 16);
  const meanG0 = f32x4.mul(v128.load(sums), inverses);
  const meanG1 = f32x4.mul(v128.load(sums, 16), inverses);
  const meanProduct0 = f32x4.mul(v128.load(products), inverses);
  const meanProduct1 = f32x4.mul(v128.load(products, 16), inverses);
  const step = (<usize>stride) << 2;
  for (let row = 0; row < rows; row++, dx += step, dy += step, x += step) {
    const xHat0 = normalized(v128.load(x), mean0, rstd0);
    const xHat1 = normalized(v128.load(x, 16), mean1, rstd1);
    const g0 = activation.gradient(v128.load(dy), xHat0, beta0);
    const g1 = activation.gradient(v128.load(dy, 16), xHat1, beta1);
    v128.store(dx, f32x4.mul(rstd0, f32x4.sub(f32x4.sub(g0, meanG0), f32x4.mul(xHat0, meanProduct0))));
    v128.store(dx, f32x4.mul(rstd1, f32x4.sub(f32x4.sub(g1, meanG1), f32x4.mul(xHat1, meanProduct1))), 16);
  }
}

// `count` lanes of some rows, which lie `stride` elements apart: rstd ((g - mean of g) - x̂ mean of (g x̂)).
function gradientOfRows<Activation, Access>(
  dx: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  sums: usize,
  products: usize,
  inverse: f32,
  rows: i32,
  stride: i32,
  count: i32,
): void {
  const activation = changetype<Activation>(0);
  const access = changetype<Access>(0);
  const means = access.coefficient(mean, count);
  const rstds = access.coefficient(rstd, count);
  const betas = access.coefficient(beta, count);
  const meanG = f32x4.mul(access.coefficient(sums, count), f32x4.splat(inverse));
  const meanProduct = f32x4.mul(access.coefficient(products, count), f32x4.splat(inverse));
  const step = (<usize>stride) << 2;
  for (let row = 0; row < rows; row++, dx += step, dy += step, x += step) {
    const xHat = normalized(access.load(x, count), means, rstds);
    const g = activation.gradient(access.load(dy, count), xHat, betas);
    const lanes = f32x4.mul(rstds, f32x4.sub(f32x4.sub(g, meanG), f32x4.mul(xHat, meanProduct)));
    access.store(dx, lanes, count);
  }
}
