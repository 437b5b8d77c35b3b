// Arithmetic and comparisons, element by element. The shapes of two operands broadcast.
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { on } from "./cases.ts";
import type { OpDefinition } from "./define-op.ts";
import { binary, comparison, unary } from "./elementwise.ts";

export const addOp: OpDefinition<object, 2> = binary({
  name: "add",
  zeros: "few",
  range: [-2, 2],
  da: (dy) => dy,
  db: (dy) => dy,
});

/**
 * y = a + b.  da = dy, db = dy. Shapes broadcast; the gradient is summed over the axes along which an operand was
 * broadcast. @throws ShapeError for shapes that do not broadcast.
 */
export function add(a: Tensor, b: Tensor): Tensor {
  return apply(addOp, [a, b], {});
}

export const subOp: OpDefinition<object, 2> = binary({
  name: "sub",
  zeros: "few",
  range: [-2, 2],
  da: (dy) => dy,
  db: (dy) => neg(dy),
});

/**
 * y = a − b.  da = dy, db = −dy. Shapes broadcast; the gradient is summed over the axes along which an operand was
 * broadcast. @throws ShapeError for shapes that do not broadcast.
 */
export function sub(a: Tensor, b: Tensor): Tensor {
  return apply(subOp, [a, b], {});
}

export const mulOp: OpDefinition<object, 2> = binary({
  name: "mul",
  zeros: "few",
  range: [-2, 2],
  da: (dy, _, b) => mul(dy, b),
  db: (dy, a) => mul(dy, a),
});

/**
 * y = a·b, element by element.  da = dy·b, db = dy·a. Shapes broadcast; the gradient is summed over the axes along
 * which an operand was broadcast. @throws ShapeError for shapes that do not broadcast.
 */
export function mul(a: Tensor, b: Tensor): Tensor {
  return apply(mulOp, [a, b], {});
}

export const divOp: OpDefinition<object, 2> = binary({
  name: "div",
  zeros: "few",
  range: [0.5, 2],
  da: (dy, _, b) => div(dy, b),
  db: (dy, _, b, y) => neg(div(mul(dy, y), b)),
});

/**
 * y = a / b, element by element.  da = dy / b, db = −dy·y / b. Shapes broadcast; the gradient is summed over the axes
 * along which an operand was broadcast. @throws ShapeError for shapes that do not broadcast.
 */
export function div(a: Tensor, b: Tensor): Tensor {
  return apply(divOp, [a, b], {});
}

export const negOp: OpDefinition<object, 1> = unary({
  name: "neg",
  zeros: "few",
  range: [-2, 2],
  gradient: (dy) => neg(dy),
});

/** y = −x, element by element.  dx = −dy. */
export function neg(x: Tensor): Tensor {
  return apply(negOp, [x], {});
}

/** The factor, rounded to float32. */
export interface ScaleAttributes {
  readonly factor: number;
}

export const scaleOp: OpDefinition<ScaleAttributes, 1> = {
  name: "scale",
  rows: 0,
  zeros: "few",
  shape: ([x]) => x,
  gradient: (dy, _, { factor }) => [scale(dy, factor)],
  lower(emit, y, [x], { factor }) {
    emit.inPlace(y, x);
    emit.call("scale", [y, x, factor], y.size);
  },
  cases: () => [on([3, 5], { factor: 0.375 })],
};

/** y = factor·x, element by element.  dx = factor·dy. */
export function scale(x: Tensor, factor: number): Tensor {
  return apply(scaleOp, [x], { factor });
}

export const maximumOp: OpDefinition<object, 2> = binary({
  name: "maximum",
  zeros: "few",
  range: [-2, 2],
  da: (dy, a, b) => mul(dy, greaterEqual(a, b)),
  db: (dy, a, b) => sub(dy, mul(dy, greaterEqual(a, b))),
});

/**
 * y = max(a, b), element by element; NaN where a or b is NaN. The gradient goes to the larger operand, in a tie to a.
 * Shapes broadcast. @throws ShapeError for shapes that do not broadcast.
 */
export function maximum(a: Tensor, b: Tensor): Tensor {
  return apply(maximumOp, [a, b], {});
}

export const equalOp: OpDefinition<object, 2> = comparison("equal", "few");

/** 1 where a = b, else 0; shapes broadcast. Its gradient is zero. */
export function equal(a: Tensor, b: Tensor): Tensor {
  return apply(equalOp, [a, b], {});
}

export const greaterEqualOp: OpDefinition<object, 2> = comparison("greaterEqual", "few");

/** 1 where a ≥ b, else 0; shapes broadcast. Its gradient is zero. */
export function greaterEqual(a: Tensor, b: Tensor): Tensor {
  return apply(greaterEqualOp, [a, b], {});
}
