import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at, firstLanes, loadLanes, sumLanes } from "../math/lanes";
import { BLOCK_ROWS, blocksOf } from "../reduce/row-sums";
import { Identity, normalized, Relu } from "./activation";
import { Few, Last, ROWS_TOGETHER, Whole } from "./channel-access";

// Makes both sums that batchNormGrad needs, in one pass, over blocks of BLOCK_ROWS = 256 rows: partial[block, 0, c] = Σ
// g and partial[block, 1, c] = Σ g x̂, with x̂ = (x - mean) rstd and g = dy or, where relu followed, g = x̂ + beta > 0
// ? dy : 0.
//
//   partial     [ceil(rows / 256), 2, channels], which sumAxis(outer 1, count blocks, inner 2 channels) then sums
//   dy, x       [rows, channels]
//   mean, rstd  [channels]
//   beta        [channels]; without relu any address that holds as much
//
// All buffers hold floats, are 4-byte aligned and do not overlap. Within a block a channel is one ascending chain.
// Where there is one channel, element j joins chain j mod 4, and the chains join as in sumLanes. NaN in, NaN out. The
// range is blocks.
export function batchNormGradSums(
  partial: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  rows: i32,
  channels: i32,
  relu: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    checkCall("batchNormGradSums", begin, end, blocksOf(rows));
    checkSize("rows", rows);
    checkSize("channels", channels);
    checkOutput("partial", partial, blocksOf(rows) * 2 * channels);
    checkInput("dy", dy, rows * channels);
    checkInput("x", x, rows * channels);
    checkInput("mean", mean, channels);
    checkInput("rstd", rstd, channels);
    checkInput("beta", beta, channels);
  }
  for (let block = begin; block < end; block++) {
    const row = block * BLOCK_ROWS;
    const count = min<i32>(rows - row, BLOCK_ROWS);
    const sums = at(partial, block * 2 * channels);
    const first = row * channels;
    if (relu) {
      sumBlock<Relu>(sums, at(dy, first), at(x, first), mean, rstd, beta, count, channels);
    } else {
      sumBlock<Identity>(sums, at(dy, first), at(x, first), mean, rstd, beta, count, channels);
    }
  }
}

function sumBlock<Activation>(
  sums: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  rows: i32,
  channels: i32,
): void {
  const products = at(sums, channels);
  if (channels == 1) {
    sumColumn<Activation>(sums, products, dy, x, mean, rstd, beta, rows);
    return;
  }
  memory.fill(sums, 0, (<usize>channels) << 3);
  for (let row = 0; row < rows; row += ROWS_TOGETHER) {
    const first = row * channels;
    const together = min<i32>(rows - row, ROWS_TOGETHER);
    sumTogether<Activation>(sums, at(dy, first), at(x, first), mean, rstd, beta, together, channels);
  }
}

// Sums some rows: channels by eights, by fours and the last ones.
function sumTogether<Activation>(
  sums: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  rows: i32,
  channels: i32,
): void {
  if (channels < 4) {
    addRows<Activation, Few>(sums, at(sums, channels), dy, x, mean, rstd, beta, rows, channels, channels);
    return;
  }
  let c = 0;
  for (; c <= channels - 8; c += 8) {
    addEight<Activation>(
      at(sums, c),
      at(sums, channels + c),
      at(dy, c),
      at(x, c),
      at(mean, c),
      at(rstd, c),
      at(beta, c),
      rows,
      channels,
    );
  }
  for (; c <= channels - 4; c += 4) {
    addRows<Activation, Whole>(
      at(sums, c),
      at(sums, channels + c),
      at(dy, c),
      at(x, c),
      at(mean, c),
      at(rstd, c),
      at(beta, c),
      rows,
      channels,
      4,
    );
  }
  const rest = channels - c;
  if (rest == 0) return;
  c = channels - 4;
  addRows<Activation, Last>(
    at(sums, c),
    at(sums, channels + c),
    at(dy, c),
    at(x, c),
    at(mean, c),
    at(rstd, c),
    at(beta, c),
    rows,
    channels,
    rest,
  );
}

// Adds eight channels of some rows, which lie `stride` elements apart, to sums and products.
function addEight<Activation>(
  sums: usize,
  products: usize,
  dy: usize,
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
  let sum0 = v128.load(sums);
  let sum1 = v128.load(sums, 16);
  let product0 = v128.load(products);
  let product1 = v128.load(products, 16);
  for (let row = 0; row < rows; row++, dy += step, x += step) {
    const xHat0 = normalized(v128.load(x), mean0, rstd0);
    const xHat1 = normalized(v128.load(x, 16), mean1, rstd1);
    const g0 = activation.gradient(v128.load(dy), xHat0, beta0);
    const g1 = activation.gradient(v128.load(dy, 16), xHat1, beta1);
    sum0 = f32x4.add(sum0, g0);
    sum1 = f32x4.add(sum1, g1);
    product0 = f32x4.add(product0, f32x4.mul(g0, xHat0));
    product1 = f32x4.add(product1, f32x4.mul(g1, xHat1));
  }
  v128.store(sums, sum0);
  v128.store(sums, sum1, 16);
  v128.store(products, product0);
  v128.store(products, product1, 16);
}

// Adds `count` lanes of some rows to sums and products.
function addRows<Activation, Access>(
  sums: usize,
  products: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  rows: i32,
  channels: i32,
  count: i32,
): void {
  const activation = changetype<Activation>(0);
  const access = changetype<Access>(0);
  const means = access.coefficient(mean, count);
  const rstds = access.coefficient(rstd, count);
  const betas = access.coefficient(beta, count);
  const step = (<usize>channels) << 2;
  let sum = access.load(sums, count);
  let product = access.load(products, count);
  for (let row = 0; row < rows; row++, dy += step, x += step) {
    const xHat = normalized(access.load(x, count), means, rstds);
    const g = activation.gradient(access.load(dy, count), xHat, betas);
    sum = f32x4.add(sum, g);
    product = f32x4.add(product, f32x4.mul(g, xHat));
  }
  access.store(sums, sum, count);
  access.store(products, product, count);
}

function sumColumn<Activation>(
  sum: usize,
  product: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  beta: usize,
  rows: i32,
): void {
  const activation = changetype<Activation>(0);
  const means = v128.load32_splat(mean);
  const rstds = v128.load32_splat(rstd);
  const betas = v128.load32_splat(beta);
  let sums = f32x4.splat(0);
  let products = f32x4.splat(0);
  const whole = rows & ~3;
  for (let row = 0; row < whole; row += 4) {
    const xHat = normalized(v128.load(at(x, row)), means, rstds);
    const g = activation.gradient(v128.load(at(dy, row)), xHat, betas);
    sums = f32x4.add(sums, g);
    products = f32x4.add(products, f32x4.mul(g, xHat));
  }
  if (whole < rows) {
    const rest = rows - whole;
    const xHat = normalized(loadLanes(at(x, whole), rest), means, rstds);
    const g = activation.gradient(loadLanes(at(dy, whole), rest), xHat, betas);
    sums = f32x4.add(sums, g);
    // g is 0 in lanes past the rows, but there x̂ of 0 may be infinite.
    products = f32x4.add(products, v128.and(f32x4.mul(g, xHat), firstLanes(rest)));
  }
  store<f32>(sum, sumLanes(sums));
  store<f32>(product, sumLanes(products));
}
