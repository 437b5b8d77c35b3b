import type { Buffer } from "../program/buffer.ts";
import type { Emitter } from "../program/emitter.ts";
import type { Attributes, Inputs, Operation } from "../graph/operation.ts";
import type { Shape } from "../shape.ts";

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

/** Everything about an operation with N inputs; a file of src/engine/ops holds one. */
export interface OpDefinition<A extends Attributes = Attributes, N extends number = number> extends Operation<A, N> {
  /** Emits the kernel calls that write y (and `saved`) from the inputs. */
  lower(emit: Emitter, y: Buffer, inputs: Inputs<Buffer, N>, attributes: A, saved: readonly Buffer[]): void;
  /** The input that may lie in panels, if any; all others come row-major. */
  readonly panelInput?: number;
  /** Whether y may be asked for in panels. */
  readonly writesPanels?: boolean;
  /** What the tests check the gradient and the kernels on; an operation without cases does not compile. */
  readonly cases: Cases<A, N>;
}
