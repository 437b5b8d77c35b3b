import { checkCall, checkInput, checkOutput, UNKNOWN } from "../contract";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { accumulate, average, MAGNITUDE } from "./moments";

// One step of RMSprop with a momentum μ, as TensorFlow's tf.keras.optimizers.RMSprop documents it (not centered):
//   s ← ρ s + (1 - ρ) g²,  d = rate g / √(s + ε)
//   velocity = 0   w ← w - d
//   otherwise      b ← μ b + d,  w ← w - b
//
//   w, square (s), velocity (b)  updated in place; velocity is address 0 for none
//   g                            the gradient
//
// All buffers hold floats, are 4-byte aligned and do not overlap. s and |b| below 2^-100 become 0. ρ comes in float64,
// so that 1 - ρ is rounded once. The kernel takes lanes of 4 and the tail; there is no reduction. NaN in, NaN out. The
// range is elements.
export function rmsprop(
  w: usize,
  square: usize,
  velocity: usize,
  g: usize,
  rate: f32,
  rho: f64,
  momentum: f32,
  epsilon: f32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    const count = end - begin;
    checkCall("rmsprop", begin, end, UNKNOWN);
    checkOutput("w", at(w, begin), count);
    checkOutput("square", at(square, begin), count);
    if (velocity) checkOutput("velocity", at(velocity, begin), count);
    checkInput("g", at(g, begin), count);
  }
  const rates = f32x4.splat(rate);
  const decay = f32x4.splat(<f32>rho);
  const gain = f32x4.splat(<f32>(1 - rho));
  const inertia = f32x4.splat(momentum);
  const epsilons = f32x4.splat(epsilon);
  const magnitude = i32x4.splat(MAGNITUDE);
  for (let i = begin; i < end; i += 4) {
    const rest = end - i;
    const gradient = loadLanes(at(g, i), rest);
    const s = average(loadLanes(at(square, i), rest), f32x4.mul(gradient, gradient), decay, gain, magnitude);
    storeLanes(at(square, i), s, rest);
    let step = f32x4.div(f32x4.mul(rates, gradient), f32x4.sqrt(f32x4.add(s, epsilons)));
    if (velocity != 0) {
      step = accumulate(loadLanes(at(velocity, i), rest), step, inertia, magnitude);
      storeLanes(at(velocity, i), step, rest);
    }
    storeLanes(at(w, i), f32x4.sub(loadLanes(at(w, i), rest), step), rest);
  }
}
