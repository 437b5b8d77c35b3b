import { checkCall, checkInput, checkOutput, UNKNOWN } from "../contract";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { average, MAGNITUDE } from "./moments";

// One step of Adam, Kingma and Ba 2015, in the form with ε outside the corrected root:
//   m ← β₁ m + (1 - β₁) g,  v ← β₂ v + (1 - β₂) g²,  w ← w - rate m / (√v + ε)
//
//   w, m, v  updated in place
//   g        the gradient
//   rate     the address of one float, the learning rate of this step with both bias corrections in it
//
// All buffers hold floats, are 4-byte aligned and do not overlap. |m| and v below 2^-100 become 0. β₁ and β₂ come in
// float64 because 1 - 0.999 in float32 is off by 1e-5, while the corrections in `rate` hold the exact one; both are
// rounded once. The kernel takes eight elements at a time, then lanes of 4 and the tail; there is no reduction. NaN in,
// NaN out. The range is elements.
export function adam(
  w: usize,
  m: usize,
  v: usize,
  g: usize,
  rate: usize,
  beta1: f64,
  beta2: f64,
  epsilon: f32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    const count = end - begin;
    checkCall("adam", begin, end, UNKNOWN);
    checkOutput("w", at(w, begin), count);
    checkOutput("m", at(m, begin), count);
    checkOutput("v", at(v, begin), count);
    checkInput("g", at(g, begin), count);
    checkInput("rate", rate, 1);
  }
  const decay1 = f32x4.splat(<f32>beta1);
  const decay2 = f32x4.splat(<f32>beta2);
  const gain1 = f32x4.splat(<f32>(1 - beta1));
  const gain2 = f32x4.splat(<f32>(1 - beta2));
  const epsilons = f32x4.splat(epsilon);
  const rates = v128.load32_splat(rate);
  const magnitude = i32x4.splat(MAGNITUDE);
  let i = begin;
  for (; i <= end - 8; i += 8) {
    const gradient0 = v128.load(at(g, i));
    const gradient1 = v128.load(at(g, i), 16);
    const m0 = average(v128.load(at(m, i)), gradient0, decay1, gain1, magnitude);
    const m1 = average(v128.load(at(m, i), 16), gradient1, decay1, gain1, magnitude);
    const v0 = average(v128.load(at(v, i)), f32x4.mul(gradient0, gradient0), decay2, gain2, magnitude);
    const v1 = average(v128.load(at(v, i), 16), f32x4.mul(gradient1, gradient1), decay2, gain2, magnitude);
    v128.store(at(m, i), m0);
    v128.store(at(m, i), m1, 16);
    v128.store(at(v, i), v0);
    v128.store(at(v, i), v1, 16);
    const w0 = f32x4.sub(v128.load(at(w, i)), step(m0, v0, rates, epsilons));
    const w1 = f32x4.sub(v128.load(at(w, i), 16), step(m1, v1, rates, epsilons));
    v128.store(at(w, i), w0);
    v128.store(at(w, i), w1, 16);
  }
  for (; i < end; i += 4) {
    const rest = end - i;
    const gradient = loadLanes(at(g, i), rest);
    const mNew = average(loadLanes(at(m, i), rest), gradient, decay1, gain1, magnitude);
    const vNew = average(loadLanes(at(v, i), rest), f32x4.mul(gradient, gradient), decay2, gain2, magnitude);
    storeLanes(at(m, i), mNew, rest);
    storeLanes(at(v, i), vNew, rest);
    storeLanes(at(w, i), f32x4.sub(loadLanes(at(w, i), rest), step(mNew, vNew, rates, epsilons)), rest);
  }
}

// rate m / (√v + ε): the product comes first, then the division.
function step(m: v128, v: v128, rate: v128, epsilon: v128): v128 {
  return f32x4.div(f32x4.mul(rate, m), f32x4.add(f32x4.sqrt(v), epsilon));
}
