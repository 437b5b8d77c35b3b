import type { Buffer } from "../program/buffer.ts";
import type { Emitter } from "../program/emitter.ts";
import type { Attributes, Inputs, Operation } from "../graph/operation.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { PoolAttributes } from "../lowering/pool-shape.ts";
import { GraphError } from "../errors.ts";
import { sameShape, type Shape } from "../shape.ts";

/** One input to check an operation on: shapes of its inputs, its attributes, and where its inputs' values lie. */
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
  /** Inputs (by position) that are all zeros instead: integers in disguise, which random values would not be. */
  readonly zeros?: readonly number[];
}

/** At least one. */
export type Cases<A extends Attributes, N extends number> = readonly [Case<A, N>, ...Case<A, N>[]];

/** How many inputs give row i of y (index of axis 0: an image of a batch) their own row i alone. */
export type RowRule<A extends Attributes, N extends number> =
  number | { of(inputs: Inputs<Shape, N>, attributes: A, y: Shape): number }["of"];

/** Whether a result may be added where an addend lies. */
export type AccumulateRule<A extends Attributes, N extends number> = {
  of(inputs: Inputs<Shape, N>, attributes: A): boolean;
}["of"];

/**
 * How many of y's elements are exactly 0: "many" (a quarter or more, as relu makes), "few", or as in the first input.
 */
export type Zeros = "many" | "few" | "as input";

/** What may join an operation that comes before it: addBias, relu, and an avgPool. */
export type EpilogueName = "bias" | "relu" | "pool";

/** Everything about an operation with N inputs; a file of src/engine/ops holds one, and its adjoint. */
export interface OpDefinition<A extends Attributes = Attributes, N extends number = number> extends Operation<A, N> {
  /** Emits the kernel calls that write y (and `saved`) from the inputs. */
  lower(emit: Emitter, y: Buffer, inputs: Inputs<Buffer, N>, attributes: A, saved: readonly Buffer[]): void;
  /**
   * How many inputs, from the first on, give row i of y their row i alone; all rows of y share the inputs after them. 0
   * where the rows of a batch mix. The rewrite mergeBatches runs an operation once on the rows of several batches.
   */
  readonly rows: RowRule<A, N>;
  /** Whether y has many zeros, which the products that read it then leave out (the rewrite skipZeros). */
  readonly zeros: Zeros | { of(attributes: A): Zeros }["of"];
  /** The input that holds the weights, where the operation is a product of rows with weights. Default: none. */
  readonly weights?: number;
  /** The inputs in which y is constant between steps, so that their gradient is null. Default: none. */
  readonly constantIn?: readonly number[];
  /**
   * The attributes for other rows of this shape, where the attributes name the number of rows. Default: they do not.
   */
  withRows?(attributes: A, row: Shape): A;
  /**
   * What may follow and is then done to y while it is in the cache, as an attribute of this name; each needs those
   * before it. A bias becomes the last input. The rewrite joinEpilogues reads it. Default: nothing.
   */
  readonly epilogues?: readonly EpilogueName[];
  /** Whether this pool may join. Where every bit stays, of values and of gradients. */
  takesPool?(pool: PoolAttributes, inputs: Inputs<Shape, N>, attributes: A): boolean;
  /**
   * Whether y is rounded another way with a bias than before it is added. Then a bias joins even where others read y
   * without it, and y is made twice: bits must not depend on who reads. Default: no.
   */
  roundsWithBias?(inputs: Inputs<Shape, N>, attributes: A): boolean;
  /**
   * Whether addend + y may be made where the addend lies, with the bits of `add`: with the attribute `accumulate`, and
   * the addend before the other inputs. The rewrite accumulateProducts reads it. Default: no.
   */
  readonly accumulates?: AccumulateRule<A, N> | undefined;
  /** The input that may lie in panels, if any; all others come row-major. */
  panelInput?(attributes: A): number;
  /** Whether `panelInput`, where it lies in panels, is read as it lies. Default: never. */
  readsPanels?(attributes: A): boolean;
  /** Whether y may be asked for in panels. Default: never. */
  writesPanels?(attributes: A): boolean;
  /** Whether the operation is a part of a gradient, which cannot be differentiated again. Default: no. */
  readonly partOfGradient?: boolean;
  /**
   * What the tests check the gradient and the kernels on; an operation without cases does not compile. A function,
   * because only tests call it: as a list it would be made at every start.
   */
  cases(): Cases<A, N>;
}

/** A product of rows with weights. What the rewrites can do with it is said, be it nothing. */
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

/** What all operations have in common that are part of a gradient: asking for their own is an error. */
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

/** The row rule of operations on pairs of elements: both inputs give their row alone where neither is broadcast. */
export function pairwiseRows([a, b]: readonly [Shape, Shape]): number {
  return sameShape(a, b) ? 2 : 0;
}
