import { formatShape, type PartialShape, type Shape } from "../shape.ts";
import type { Graph } from "./graph.ts";
import type { Initializer } from "./initializer.ts";
import type { Attributes, Inputs, Operation } from "./operation.ts";

/** A node of a graph: the result of one operation on other nodes. It holds no numbers; running a session does. */
export class Tensor {
  readonly graph: Graph;
  /** Position in the graph. Inputs come before the nodes that read them. */
  readonly id: number;
  readonly operation: Operation;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  /** The shape of the values, which are float32 and row-major. An axis is null if only the fed data gives its size. */
  readonly shape: PartialShape;

  constructor(
    graph: Graph,
    id: number,
    operation: Operation,
    inputs: readonly Tensor[],
    attributes: Attributes,
    shape: PartialShape,
  ) {
    this.graph = graph;
    this.id = id;
    this.operation = operation;
    this.inputs = inputs;
    this.attributes = attributes;
    this.shape = shape;
  }

  /** The operation's name and the node's number, for messages: "conv2d_12". */
  get name(): string {
    return `${this.operation.name}_${this.id}`;
  }

  /**
   * This node with the types of the operation's definition, if it is a result of that operation; otherwise undefined:
   * `const product = node.match(matMulOp)`, then `product.attributes.transposeA` and `const [a, b] = product.inputs`.
   */
  match<A extends Attributes, N extends number>(operation: Operation<A, N>): ResultOf<A, N> | undefined {
    return this.isResultOf(operation) ? this : undefined;
  }

  /** True if this is a result of that operation, whatever its attributes. */
  isResultOf<A extends Attributes, N extends number>(operation: Operation<A, N>): this is ResultOf<A, N> {
    return this.operation === operation;
  }

  toString(): string {
    return `${this.name} ${formatShape(this.shape)}`;
  }
}

/** A result of an operation with N inputs and these attributes. */
export type ResultOf<A extends Attributes, N extends number> = Tensor & {
  readonly inputs: Inputs<Tensor, N>;
  readonly attributes: A;
};

/** A tensor that is fed at each run. */
export class Placeholder extends Tensor {
  readonly #name: string;

  constructor(graph: Graph, id: number, operation: Operation, name: string, shape: PartialShape) {
    super(graph, id, operation, [], { name }, shape);
    this.#name = name;
  }

  override get name(): string {
    return this.#name;
  }
}

/** A tensor that a session keeps between runs and optimizers update. */
export class Variable extends Tensor {
  readonly #name: string;
  declare readonly shape: Shape;
  readonly initializer: Initializer;

  constructor(graph: Graph, id: number, operation: Operation, name: string, shape: Shape, initializer: Initializer) {
    super(graph, id, operation, [], { name }, shape);
    this.#name = name;
    this.initializer = initializer;
  }

  override get name(): string {
    return this.#name;
  }
}
