// The operations without inputs. Their shape is given, not derived, and no gradient flows through them.
import { GraphError } from "../errors.ts";
import type { PartialShape, Shape } from "../shape.ts";
import type { Operation } from "./operation.ts";

interface Source {
  readonly name: string;
  readonly shape: PartialShape;
}

/** A fed tensor. */
export const placeholderOp: Operation<Source, 0> = source("placeholder");

/** A session's variable. */
export const variableOp: Operation<Source, 0> = source("variable");

/** Fixed values, written once into the session's memory. */
export interface ConstantAttributes {
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** Values that never change. */
export const constantOp: Operation<ConstantAttributes, 0> = {
  name: "constant",
  shape: (_, { shape }) => shape,
  gradient: () => [],
};

function source(name: string): Operation<Source, 0> {
  return { name, shape: (_, { shape }) => shape, gradient: () => [] };
}

/** A second result of an operation, kept for its gradient. */
export const savedOp: Operation<{ readonly index: number; readonly shape: Shape }, 1> = {
  name: "saved",
  shape: (_, { shape }) => shape,
  gradient: () => {
    throw new GraphError("saved: what an operation keeps for its gradient has no gradient itself");
  },
};
