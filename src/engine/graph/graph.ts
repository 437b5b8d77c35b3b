import { checkNumbers, checkOptionNames } from "../arguments.ts";
import { ArgumentError, GraphError } from "../errors.ts";
import { checkShape, isConcrete, sizeOf, type PartialShape, type Shape } from "../shape.ts";
import type { Initializer } from "./initializer.ts";
import type { Attributes, Inputs, Operation } from "./operation.ts";
import { OptimizerStore, type GraphOptimizer } from "./optimizer-store.ts";
import { constantOp, placeholderOp, savedOp, variableOp } from "./sources.ts";
import { Placeholder, Tensor, Variable } from "./tensor.ts";
import type { Update } from "./update.ts";
import { VariableStore, type Reuse } from "./variable-store.ts";

/**
 * A symbolic computation: placeholders, variables, constants and the operations on them. Building it computes shapes
 * only; `compile` makes a session that runs it.
 */
export class Graph {
  readonly nodes: Tensor[] = [];
  readonly placeholders: Map<string, Placeholder> = new Map();
  readonly #store = new VariableStore();
  readonly #optimizers = new OptimizerStore();

  /** All variables by name, in order of creation. */
  get variables(): ReadonlyMap<string, Variable> {
    return this.#store.byName;
  }

  /**
   * All optimizers by the names of their states, in the order of their first `minimize`. If two have the same name, the
   * second one gets "_1" at the end of its name, the third "_2", and so on.
   */
  get optimizers(): ReadonlyMap<string, GraphOptimizer> {
    return this.#optimizers.byName;
  }

  /**
   * A tensor fed at each run under this name. At most one axis may be null: its size follows from the fed length.
   * @throws ArgumentError for a name that is empty or in use, ShapeError for a bad shape.
   */
  placeholder(name: string, shape: PartialShape): Placeholder {
    if (typeof name !== "string" || name === "") {
      throw new ArgumentError(`placeholder: name ${JSON.stringify(name)} is not a text of one letter or more`);
    }
    if (this.placeholders.has(name)) throw new ArgumentError(`placeholder: the name "${name}" is in use already`);
    checkShape(`placeholder ${name}`, shape);
    if (shape.filter((dim) => dim === null).length > 1) {
      throw new ArgumentError(
        `placeholder ${name}: more than one axis is null, so a fed length does not tell the shape`,
      );
    }
    const node = new Placeholder(this, this.nodes.length, placeholderOp, name, shape);
    this.placeholders.set(name, node);
    return this.add(node);
  }

  /** Runs the body with this scope's name before the names of its variables. See Reuse for sharing. */
  variableScope<T>(name: string, options: { readonly reuse?: Reuse }, body: () => T): T {
    checkOptionNames("variableScope", options, ["reuse"]);
    if (typeof body !== "function") throw new ArgumentError("variableScope: the body is not a function");
    return this.#store.within(name, options.reuse ?? false, body);
  }

  /**
   * The variable `name` of the current scope. The scope's reuse decides whether it is created or shared.
   * @throws VariableError for a name that exists without reuse, or is missing or of another shape with it.
   */
  getVariable(name: string, shape: Shape, initializer: Initializer): Variable {
    return this.#store.get(name, shape, initializer, (fullName) =>
      this.add(new Variable(this, this.nodes.length, variableOp, fullName, [...shape], initializer)),
    );
  }

  /** Values that never change; a number is a scalar. @throws ShapeError where shape and length disagree. */
  constant(
    values: number | ArrayLike<number>,
    shape: Shape = typeof values === "number" ? [] : [values?.length],
  ): Tensor {
    const list = typeof values === "number" ? [values] : values;
    checkNumbers("constant: values", list);
    const data = Float32Array.from(list);
    checkShape("constant", shape);
    if (data.length !== sizeOf(shape)) {
      throw new ArgumentError(`constant: ${data.length} values do not fill shape [${shape.join(",")}]`);
    }
    return this.apply(constantOp, [], { shape, values: data });
  }

  /**
   * A new node: `operation` on `inputs`.
   * @throws the errors of the operation's shape rule; GraphError for inputs of another graph.
   */
  apply<A extends Attributes, N extends number>(
    operation: Operation<A, N>,
    inputs: Inputs<Tensor, N>,
    attributes: A,
  ): Tensor {
    for (const input of inputs) this.#checkOwn(operation.name, input);
    const list: readonly Tensor[] = inputs;
    // There is one shape for each input, which the type of map's result does not say.
    const shapes = list.map((input) => input.shape) as Inputs<PartialShape, N>;
    const shape = operation.shape(shapes, attributes);
    return this.add(new Tensor(this, this.nodes.length, operation, inputs, attributes, shape));
  }

  /** Records the optimizer of an update and the variables that it moves. `minimize` calls this. */
  enterUpdate(update: Update): void {
    this.#optimizers.add(update);
  }

  /** Adds a finished node. */
  protected add<T extends Tensor>(node: T): T {
    this.nodes.push(node);
    return node;
  }

  #checkOwn(operation: string, input: Tensor): void {
    checkTensor(operation, input);
    if (input.graph !== this) throw new GraphError(`${operation}: input ${input.toString()} belongs to another graph`);
  }
}

/** Applies an operation to tensors of one graph: the graph of the first of them. */
export function apply<A extends Attributes, N extends number>(
  operation: Operation<A, N>,
  inputs: Inputs<Tensor, N>,
  attributes: A,
): Tensor {
  const first = inputs[0]!;
  checkTensor(operation.name, first);
  return first.graph.apply(operation, inputs, attributes);
}

/** @throws ArgumentError unless x is a tensor. */
export function checkTensor(op: string, x: Tensor): void {
  if (!(x instanceof Tensor)) throw new ArgumentError(`${op}: ${String(x)} is not a tensor`);
}

/** A second result of y's operation, kept for its gradient: number `index` of its `saved` shapes. */
export function saved(y: Tensor, index: number): Tensor {
  const inputs = y.inputs.map((input) => input.shape);
  const shape = inputs.every(isConcrete) ? y.operation.saved?.(inputs, y.attributes)[index] : undefined;
  if (shape === undefined) throw new GraphError(`${y.toString()} keeps no result number ${index} for its gradient`);
  return y.graph.apply(savedOp, [y], { index, shape });
}
