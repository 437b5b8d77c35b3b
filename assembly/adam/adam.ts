import { at, loadLanes, storeLanes } from "../math/lanes";

// One step of Adam, Kingma and Ba 2015, in the form with ε outside the corrected root:
//   m ← β₁ m + (1 - β₁) g,  v ← β₂ v + (1 - β₂) g²,  w ← w - rate m / (√v + ε)
// w, m, v: updated in place; g: the gradient; floats, 4-byte aligned. rate: address of one float, the learning rate
// of this step with both bias corrections in it. |m| and v below 2^-100 become 0: that is far below what ε lets
// through, and subnormals are slow. β₁ and β₂ come in float64 because 1 - 0.999 taken in float32 is off by 1e-5, and
// the corrections in `rate` know the exact one; both are rounded once. Lanes of 4, then the tail; no reduction. NaN
// in, NaN out. The range is elements.
const NEGLIGIBLE: f32 = 7.888609052210118e-31;

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
  const decay1 = f32x4.splat(<f32>beta1);
  const decay2 = f32x4.splat(<f32>beta2);
  const gain1 = f32x4.splat(<f32>(1 - beta1));
  const gain2 = f32x4.splat(<f32>(1 - beta2));
  const epsilons = f32x4.splat(epsilon);
  const rates = v128.load32_splat(rate);
  let i = begin;
  for (; i <= end - 4; i += 4) {
    const gradient = v128.load(at(g, i));
    const mNew = average(v128.load(at(m, i)), gradient, decay1, gain1);
    const vNew = average(v128.load(at(v, i)), f32x4.mul(gradient, gradient), decay2, gain2);
    v128.store(at(m, i), mNew);
    v128.store(at(v, i), vNew);
    v128.store(at(w, i), f32x4.sub(v128.load(at(w, i)), step(mNew, vNew, rates, epsilons)));
  }
  if (i < end) {
    const rest = end - i;
    const gradient = loadLanes(at(g, i), rest);
    const mNew = average(loadLanes(at(m, i), rest), gradient, decay1, gain1);
    const vNew = average(loadLanes(at(v, i), rest), f32x4.mul(gradient, gradient), decay2, gain2);
    storeLanes(at(m, i), mNew, rest);
    storeLanes(at(v, i), vNew, rest);
    storeLanes(at(w, i), f32x4.sub(loadLanes(at(w, i), rest), step(mNew, vNew, rates, epsilons)), rest);
  }
}

// decay old + gain sample, 0 where negligible.
function average(old: v128, sample: v128, decay: v128, gain: v128): v128 {
  const lanes = f32x4.add(f32x4.mul(decay, old), f32x4.mul(gain, sample));
  return v128.andnot(lanes, f32x4.lt(f32x4.abs(lanes), f32x4.splat(NEGLIGIBLE)));
}

// rate m / (√v + ε): the product first, then the division.
function step(m: v128, v: v128, rate: v128, epsilon: v128): v128 {
  return f32x4.div(f32x4.mul(rate, m), f32x4.add(f32x4.sqrt(v), epsilon));
}
