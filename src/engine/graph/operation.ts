import type { PartialShape, Shape } from "../shape.ts";
import type { Tensor } from "./tensor.ts";

/** An operation's constants, known when the graph is built: strides, axes, … */
export type Attributes = object;

/** Lists of T by their length. */
interface Lists<T> {
  0: readonly [];
  1: readonly [T];
  2: readonly [T, T];
  3: readonly [T, T, T];
  4: readonly [T, T, T, T];
  5: readonly [T, T, T, T, T];
  [length: number]: readonly T[];
}

/** N values of type T. N = number allows any count; N = 2 | 3 allows two or three. */
export type Inputs<T, N extends number> = Lists<T>[N];

/** The graph's view of an operation with N inputs: its shape rule and its gradient. */
export interface Operation<A extends Attributes = Attributes, N extends number = number> {
  readonly name: string;
  /** Never set: it carries N, which the compiler cannot infer from the types of the methods. */
  readonly arity?: N;
  /** The result's shape. This is the only method that rejects inputs. @throws ShapeError | ArgumentError. */
  shape(inputs: Inputs<PartialShape, N>, attributes: A): PartialShape;
  /** Shapes of the values that the forward pass keeps for the gradient beside its result: an argmax, for example. */
  saved?(inputs: Inputs<Shape, N>, attributes: A): readonly Shape[];
  /**
   * dLoss/dInputs from dy = dLoss/dy, as nodes of the same graph; null where the gradient is zero everywhere. Nodes
   * that are not used are pruned, so a rule may write down all gradients.
   */
  gradient(dy: Tensor, inputs: Inputs<Tensor, N>, attributes: A, y: Tensor): readonly (Tensor | null)[];
}
