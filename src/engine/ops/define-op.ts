import type { Buffer } from "../program/buffer.ts";
import type { Emitter } from "../program/emitter.ts";
import type { Attributes, Inputs, Operation } from "../graph/operation.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { PoolAttributes } from "../lowering/pool-shape.ts";
import { GraphError } from "../errors.ts";
import { sameShape, type Shape } from "../shape.ts";

/** One case to check an operation on: shapes of its inputs, its attributes, and the values of its inputs. */
export interface Case<A extends Attributes, N extends number> {
  readonly inputs: Inputs<Shape, N>;
  readonly attributes: A;
  /** Interval the input values are drawn from; default [-2, 2]. Operations with poles or kinks choose theirs. */
  readonly range?: readonly [number, number];
  /**
   * Values with kinks at these points are moved away from them (|x − kink| ≥ 0.05), since a finite difference across a
   * kink is not a derivative. Default: none.
   */
  readonly kinks?: readonly number[];
  /** Positions of the inputs that are all zeros instead: they hold integers, which random values would not be. */
  readonly zeros?: readonly number[];
}

/** At least one case. */
export type Cases<A extends Attributes, N extends number> = readonly [Case<A, N>, ...Case<A, N>[]];

/** The number of inputs of which row i of y (index of axis 0: an image of a batch) reads row i alone. */
export type RowRule<A extends Attributes, N extends number> =
  number | { of(inputs: Inputs<Shape, N>, attributes: A, y: Shape): number }["of"];

/** True if a result may be added to an addend in the addend's memory. */
export type AccumulateRule<A extends Attributes, N extends number> = {
  of(inputs: Inputs<Shape, N>, attributes: A): boolean;
}["of"];

/**
 * The share of y's elements that are exactly 0: "many" (a quarter or more, as after relu), "few", or as in the first
 * input.
 */
export type Zeros = "many" | "few" | "as input";

/** The operations that may join an operation before them: addBias, relu, and an avgPool. */
export type EpilogueName = "bias" | "relu" | "pool";

/** The full definition of an operation with N inputs. A file of src/engine/ops holds one, and its adjoint. */
export interface OpDefinition<A extends Attributes = Attributes, N extends number = number> extends Operation<A, N> {
  /** Emits the kernel calls that write y (and `saved`) from the inputs. */
  lower(emit: Emitter, y: Buffer, inputs: Inputs<Buffer, N>, attributes: A, saved: readonly Buffer[]): void;
  /**
   * The number of inputs, counted from the first, of which row i of y reads row i alone; all rows of y share the inputs
   * after them. It is 0 if the rows of a batch mix. The rewrite mergeBatches runs an operation once on the rows of
   * several batches.
   */
  readonly rows: RowRule<A, N>;
  /** The share of zeros in y. If y has many, the products that read it leave them out (the rewrite skipZeros). */
  readonly zeros: Zeros | { of(attributes: A): Zeros }["of"];
  /** The input that holds the weights, if the operation is a product of rows with weights. Default: none. */
  readonly weights?: number;
  /** The inputs in which y is piecewise constant, so that their gradient is null. Default: none. */
  readonly constantIn?: readonly number[];
  /**
   * The attributes for another number of rows of this shape. It is needed if the attributes name the number of rows.
   * Default: they do not.
   */
  withRows?(attributes: A, row: Shape): A;
  /**
   * The epilogues that the operation takes. Each is an attribute of this name, is applied to y while y is in the cache,
   * and needs those before it in the list. A bias becomes the last input. The rewrite joinEpilogues reads the list.
   * Default: none.
   */
  readonly epilogues?: readonly EpilogueName[];
  /** True if this pool may join, which requires that every bit of values and gradients stays. */
  takesPool?(pool: PoolAttributes, inputs: Inputs<Shape, N>, attributes: A): boolean;
  /**
   * True if y with a bias is rounded differently from y to which a bias is added afterwards. A bias then joins even if
   * other nodes read y without it, and y is computed twice: bits must not depend on the readers. Default: false.
   */
  roundsWithBias?(inputs: Inputs<Shape, N>, attributes: A): boolean;
  /**
   * True if addend + y may be computed in the addend's memory with the bits of `add`. The operation then has the
   * attribute `accumulate`, and the addend is its first input. The rewrite accumulateProducts reads it. Default: false.
   */
  readonly accumulates?: AccumulateRule<A, N> | undefined;
  /** The input that may lie in panels, if any; all others are row-major. */
  panelInput?(attributes: A): number;
  /** True if a `panelInput` that lies in panels is read in them, without a copy. Default: false. */
  readsPanels?(attributes: A): boolean;
  /** True if y can be written in panels. Default: false. */
  writesPanels?(attributes: A): boolean;
  /** True if the operation is a part of a gradient, which cannot be differentiated again. Default: false. */
  readonly partOfGradient?: boolean;
  /**
   * The cases on which the tests check the gradient and the kernels. An operation without cases does not compile. This
   * is a function because only tests need the cases: a list would be made at every start.
   */
  cases(): Cases<A, N>;
}

/** A product of rows with weights. Its definition must say which rewrites apply to it, even if none do. */
export interface ProductDefinition<A extends Attributes, N extends number> extends OpDefinition<A, N> {
  readonly weights: number;
  readonly epilogues: readonly EpilogueName[];
  readonly accumulates: AccumulateRule<A, N> | undefined;
}

/** The node's definition, or undefined for a source, which has no kernels. */
export function definitionOf({ operation }: Tensor): OpDefinition | undefined {
  return isDefinition(operation) ? operation : undefined;
}

function isDefinition(operation: Operation): operation is OpDefinition {
  return "lower" in operation;
}

/** The common properties of operations that are part of a gradient: to ask for their own gradient is an error. */
export function partOfGradient(name: string): PartOfGradient {
  return {
    name,
    rows: 0,
    partOfGradient: true,
    gradient: () => {
      throw new GraphError(`${name}: it is part of a gradient and cannot be differentiated again`);
    },
  };
}

interface PartOfGradient {
  readonly name: string;
  readonly rows: 0;
  readonly partOfGradient: true;
  readonly gradient: () => never;
}

/** The row rule of operations on pairs of elements: 2 if neither input is broadcast, else 0. */
export function pairwiseRows([a, b]: readonly [Shape, Shape]): number {
  return sameShape(a, b) ? 2 : 0;
}
