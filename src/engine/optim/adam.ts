import { ArgumentError, GraphError } from "../errors.ts";
import { gradients } from "../graph/gradients.ts";
import { Variable, type Tensor } from "../graph/tensor.ts";
import { checkList, checkOptionNames } from "../arguments.ts";
import { Update, type AdamSettings, type Optimizer } from "../graph/update.ts";

/** Adam's settings as users give them; all but the learning rate have the paper's defaults. */
export interface AdamOptions extends Partial<AdamSettings> {
  /** Step size, > 0. */
  readonly learningRate: number;
  /** For messages; default "adam". */
  readonly name?: string;
}

/** Adam with a state of its own (m, v and t) in every session that runs its updates. */
export class Adam implements Optimizer {
  readonly name: string;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  /** @throws ArgumentError for a setting outside its range. */
  constructor({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, name = "adam" }: AdamOptions) {
    const inRange = {
      learningRate: learningRate > 0,
      beta1: isDecay(beta1),
      beta2: isDecay(beta2),
      epsilon: epsilon > 0,
    };
    const values = { learningRate, beta1, beta2, epsilon };
    for (const setting of ["learningRate", "beta1", "beta2", "epsilon"] as const) {
      if (Number.isFinite(values[setting]) && inRange[setting]) continue;
      const rule = setting.startsWith("beta") ? "in [0, 1)" : "a finite number above 0";
      throw new ArgumentError(`${name}: ${setting} is ${values[setting]}; it must be ${rule}`);
    }
    this.name = name;
    this.learningRate = learningRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  /**
   * The training step that lowers a scalar loss over these variables; fetch it to apply it.
   * @throws ArgumentError for no variable, or one named twice, GraphError for
   *   one that is no variable, and unless loss is a scalar.
   */
  minimize(loss: Tensor, variables: readonly Variable[]): Update {
    checkList(`${this.name}: variables`, variables);
    if (variables.length === 0) throw new ArgumentError(`${this.name}: there is no variable to train`);
    variables.forEach((variable: Tensor) => {
      if (!(variable instanceof Variable)) throw new GraphError(`${this.name}: ${String(variable)} is not a variable`);
    });
    const twice = variables.find((variable, i) => variables.indexOf(variable) !== i);
    if (twice !== undefined) throw new ArgumentError(`${this.name}: variable ${twice.name} is named twice`);
    return new Update(this, variables, gradients(loss, variables));
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

function isDecay(beta: number): boolean {
  return beta >= 0 && beta < 1;
}
