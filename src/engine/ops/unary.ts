// Functions of one tensor, element by element; where the gradient has a kernel of its own, the adjoint follows.
import { checkOptionNames } from "../arguments.ts";
import { ArgumentError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, div, mul } from "./arithmetic.ts";
import { on } from "./cases.ts";
import { partOfGradient, type OpDefinition } from "./define-op.ts";
import { unary, unaryGrad } from "./elementwise.ts";

export const expOp: OpDefinition<object, 1> = unary({
  name: "exp",
  zeros: "few",
  range: [-2, 2],
  gradient: (dy, _, y) => mul(dy, y),
});

/** y = eˣ, element by element.  dx = dy·y. */
export function exp(x: Tensor): Tensor {
  return apply(expOp, [x], {});
}

export const logOp: OpDefinition<object, 1> = unary({
  name: "log",
  zeros: "few",
  range: [0.1, 4],
  gradient: (dy, x) => div(dy, x),
});

/** y = ln x, element by element; NaN for x < 0, −∞ at 0.  dx = dy / x. */
export function log(x: Tensor): Tensor {
  return apply(logOp, [x], {});
}

export const sqrtOp: OpDefinition<object, 1> = unary({
  name: "sqrt",
  zeros: "few",
  range: [0.1, 4],
  gradient: (dy, _, y) => div(dy, add(y, y)),
});

/** y = √x, element by element; NaN for x < 0.  dx = dy / 2y. */
export function sqrt(x: Tensor): Tensor {
  return apply(sqrtOp, [x], {});
}

export const squareOp: OpDefinition<object, 1> = unary({
  name: "square",
  zeros: "few",
  range: [-2, 2],
  gradient: (dy, x) => mul(dy, add(x, x)),
});

/** y = x², element by element.  dx = dy·2x. */
export function square(x: Tensor): Tensor {
  return apply(squareOp, [x], {});
}

export const absOp: OpDefinition<object, 1> = unary({
  name: "abs",
  zeros: "few",
  range: [-2, 2],
  kinks: [0],
  gradient: (dy, x) => absGrad(dy, x),
});

/** y = |x|, element by element.  dx = dy·sign x, 0 at 0. */
export function abs(x: Tensor): Tensor {
  return apply(absOp, [x], {});
}

export const absGradOp: OpDefinition<object, 2> = unaryGrad({ name: "absGrad", zeros: "few" });

/** dx = dy·sign x, 0 at 0. */
export function absGrad(dy: Tensor, x: Tensor): Tensor {
  return apply(absGradOp, [dy, x], {});
}

export const reluOp: OpDefinition<object, 1> = unary({
  name: "relu",
  zeros: "many",
  range: [-2, 2],
  kinks: [0],
  gradient: (dy, _, y) => reluGrad(dy, y),
});

/** y = max(x, 0), element by element; NaN stays NaN.  dx = dy where y > 0, else 0. */
export function relu(x: Tensor): Tensor {
  return apply(reluOp, [x], {});
}

export const reluGradOp: OpDefinition<object, 2> = unaryGrad({ name: "reluGrad", zeros: "many" });

/** dx = dy where relu's result y > 0, else 0. */
export function reluGrad(dy: Tensor, y: Tensor): Tensor {
  return apply(reluGradOp, [dy, y], {});
}

/** The slope for x < 0, finite. */
export interface LeakyReluAttributes {
  readonly slope: number;
}

export const leakyReluOp: OpDefinition<LeakyReluAttributes, 1> = {
  name: "leakyRelu",
  rows: 1,
  zeros: "few",
  shape([x], { slope }) {
    if (!Number.isFinite(slope)) throw new ArgumentError(`leakyRelu: slope ${slope} is not a finite number`);
    return x;
  },
  gradient: (dy, [x], { slope }) => [leakyReluGrad(dy, x, slope)],
  lower(emit, y, [x], { slope }) {
    emit.inPlace(y, x);
    emit.call("leakyRelu", [y, x, slope], y.size);
  },
  cases: () => [{ ...on([3, 5], { slope: 0.2 }), kinks: [0] }],
};

/**
 * y = x where x > 0, else slope·x, element by element.  dx = dy or slope·dy. (Maas et al. 2013)
 * @throws ArgumentError for a slope that is not finite.
 */
export function leakyRelu(x: Tensor, options: Partial<LeakyReluAttributes> = {}): Tensor {
  checkOptionNames("leakyRelu", options, ["slope"]);
  return apply(leakyReluOp, [x], { slope: options.slope ?? 0.2 });
}

export const leakyReluGradOp: OpDefinition<LeakyReluAttributes, 2> = {
  ...partOfGradient("leakyReluGrad"),
  zeros: "few",
  shape: ([dy]) => dy,
  lower(emit, dx, [dy, x], { slope }) {
    emit.inPlace(dx, dy);
    emit.call("leakyReluGrad", [dx, dy, x, slope], dx.size);
  },
  cases: () => [on([3, 7], [3, 7], { slope: 0.2 })],
};

/** dx = dy where x > 0, else slope·dy. */
export function leakyReluGrad(dy: Tensor, x: Tensor, slope: number): Tensor {
  return apply(leakyReluGradOp, [dy, x], { slope });
}

export const geluOp: OpDefinition<object, 1> = unary({
  name: "gelu",
  zeros: "few",
  range: [-4, 4],
  gradient: (dy, x) => geluGrad(dy, x),
});

/**
 * y = x·Φ(x) = x·(1 + erf(x/√2)) / 2, element by element; −0 at −∞, NaN stays NaN.  dx = dy·(Φ(x) + x·φ(x)), Φ and φ
 * the normal distribution and its density. (Hendrycks & Gimpel 2016; TensorFlow's tf.nn.gelu with approximate=False)
 */
export function gelu(x: Tensor): Tensor {
  return apply(geluOp, [x], {});
}

export const geluGradOp: OpDefinition<object, 2> = unaryGrad({ name: "geluGrad", zeros: "few" });

/** dx = dy·(Φ(x) + x·φ(x)). */
export function geluGrad(dy: Tensor, x: Tensor): Tensor {
  return apply(geluGradOp, [dy, x], {});
}

export const sigmoidOp: OpDefinition<object, 1> = unary({
  name: "sigmoid",
  zeros: "few",
  range: [-2, 2],
  gradient: (dy, _, y) => sigmoidGrad(dy, y),
});

/** y = 1 / (1 + e⁻ˣ), element by element, in (0, 1).  dx = dy·y·(1 − y). */
export function sigmoid(x: Tensor): Tensor {
  return apply(sigmoidOp, [x], {});
}

export const sigmoidGradOp: OpDefinition<object, 2> = unaryGrad({ name: "sigmoidGrad", zeros: "few" });

/** dx = dy·y·(1 − y), from sigmoid's result y. */
export function sigmoidGrad(dy: Tensor, y: Tensor): Tensor {
  return apply(sigmoidGradOp, [dy, y], {});
}

export const tanhOp: OpDefinition<object, 1> = unary({
  name: "tanh",
  zeros: "few",
  range: [-2, 2],
  gradient: (dy, _, y) => tanhGrad(dy, y),
});

/** y = tanh x, element by element, in (−1, 1).  dx = dy·(1 − y²). */
export function tanh(x: Tensor): Tensor {
  return apply(tanhOp, [x], {});
}

export const tanhGradOp: OpDefinition<object, 2> = unaryGrad({ name: "tanhGrad", zeros: "few" });

/** dx = dy·(1 − y²), from tanh's result y. */
export function tanhGrad(dy: Tensor, y: Tensor): Tensor {
  return apply(tanhGradOp, [dy, y], {});
}

export const softplusOp: OpDefinition<object, 1> = unary({
  name: "softplus",
  zeros: "few",
  range: [-2, 2],
  gradient: (dy, x) => mul(dy, sigmoid(x)),
});

/** y = ln(1 + eˣ), element by element, > 0.  dx = dy·sigmoid x. */
export function softplus(x: Tensor): Tensor {
  return apply(softplusOp, [x], {});
}
