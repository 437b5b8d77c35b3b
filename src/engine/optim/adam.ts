import { checkOptionNames } from "../arguments.ts";
import type { ScalarSeries, Slot } from "../graph/update.ts";
import type { Emitter } from "../program/emitter.ts";
import type { UpdateBuffers } from "../program/optimizer.ts";
import { ABOVE_0, checkKind, FROM_0_BELOW_1 } from "../value-kinds.ts";
import { GradientDescent } from "./gradient-descent.ts";

/** The constants of Adam (Kingma & Ba 2014, https://arxiv.org/abs/1412.6980, in TensorFlow's form). */
export interface AdamSettings {
  /** Step size, > 0. */
  readonly learningRate: number;
  /** Decay of the first moment, in [0, 1). */
  readonly beta1: number;
  /** Decay of the second moment, in [0, 1). */
  readonly beta2: number;
  /** Added to the root of the second moment, > 0. */
  readonly epsilon: number;
}

/** Adam's settings as users give them; all but the learning rate have the paper's defaults. */
export interface AdamOptions extends Partial<AdamSettings> {
  /** Step size, > 0. */
  readonly learningRate: number;
  /** For messages and states; default "adam". */
  readonly name?: string;
}

/** Adam. In every session that runs its updates it has a state of its own: m, v and t. */
export class Adam extends GradientDescent implements AdamSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** The first and second moments. */
  override readonly slots: readonly Slot[] = [{ name: "m" }, { name: "v", least: 0 }];
  override readonly scalars: readonly string[] = ["rate"];

  /** @throws ArgumentError for a setting outside its range. */
  constructor({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, name = "adam" }: AdamOptions) {
    super(name);
    this.learningRate = checkKind(`${name}: learningRate`, ABOVE_0, learningRate);
    this.beta1 = checkKind(`${name}: beta1`, FROM_0_BELOW_1, beta1);
    this.beta2 = checkKind(`${name}: beta2`, FROM_0_BELOW_1, beta2);
    this.epsilon = checkKind(`${name}: epsilon`, ABOVE_0, epsilon);
  }

  /**
   * The learning rates lr·√(1−β₂ᵗ)/(1−β₁ᵗ). The powers are float64 products by repeated multiplication, so that they
   * are the same on every engine.
   */
  override scalarsAfter(t: number): ScalarSeries {
    const { learningRate, beta1, beta2 } = this;
    let power1 = repeatedProduct(beta1, t);
    let power2 = repeatedProduct(beta2, t);
    return () => {
      power1 *= beta1;
      power2 *= beta2;
      return [(learningRate * Math.sqrt(1 - power2)) / (1 - power1)];
    };
  }

  /**
   * Writes the kernel call that moves one variable.
   * @internal
   */
  override emit(emit: Emitter, { variable, gradient, slot, scalar }: UpdateBuffers): void {
    const { beta1, beta2, epsilon } = this;
    emit.call("adam", [variable, slot("m"), slot("v"), gradient, scalar("rate"), beta1, beta2, epsilon], gradient.size);
  }
}

/**
 * Adam (Kingma & Ba 2014, https://arxiv.org/abs/1412.6980) as TensorFlow computes it:
 * lrₜ = lr·√(1−β₂ᵗ)/(1−β₁ᵗ); w ← w − lrₜ·m/(√v + ε).
 * @throws ArgumentError for a setting outside its range.
 */
export function adam(options: AdamOptions): Adam {
  checkOptionNames("adam", options, ["learningRate", "beta1", "beta2", "epsilon", "name"]);
  return new Adam(options);
}

/**
 * factorᵗ by repeated multiplication. Once a product does not change (at 0, or the last subnormals), no later one does.
 */
function repeatedProduct(factor: number, times: number): number {
  let product = 1;
  for (let i = 0; i < times; i++) {
    const next = product * factor;
    if (next === product) break;
    product = next;
  }
  return product;
}
