import { at, firstLanes, loadLanes, sumLanes } from "../math/lanes";
import { BLOCK_ROWS } from "../reduce/row-sums";
import { Identity, normalized, Relu } from "./activation";
import { ROWS_TOGETHER, Tail, Whole } from "./channel-access";

// Both sums that batchNormGrad needs, in one pass, over blocks of BLOCK_ROWS = 256 rows: partial[block, 0, c] = Σ g and
// partial[block, 1, c] = Σ g x̂, with x̂ = (x - mean) rstd and g = dy or, where relu followed, g = x̂ + beta > 0 ? dy : 0.
// dy, x: [rows, channels]; mean, rstd: [channels]; beta: [channels], or without relu any address that holds as much;
// partial: [ceil(rows / 256), 2, channels], then summed by sumAxis(outer 1, count blocks, inner 2 channels). Floats,
// 4-byte aligned, not overlapping. Within a block one ascending chain per channel; where there is one channel, element j
// joins chain j mod 4, and the chains join as in sumLanes. NaN in, NaN out. The range is blocks.
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
  const whole = channels & ~3;
  for (let row = 0; row < rows; row += ROWS_TOGETHER) {
    const together = min<i32>(rows - row, ROWS_TOGETHER);
    let i = row * channels;
    for (let c = 0; c < whole; c += 4, i += 4) {
      addRows<Activation, Whole>(
        at(sums, c),
        at(products, c),
        at(dy, i),
        at(x, i),
        at(mean, c),
        at(rstd, c),
        at(beta, c),
        together,
        channels,
        4,
      );
    }
    if (whole == channels) continue;
    addRows<Activation, Tail>(
      at(sums, whole),
      at(products, whole),
      at(dy, i),
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
