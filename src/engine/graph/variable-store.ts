import { ArgumentError, ShapeError, VariableError } from "../errors.ts";
import { checkShape, formatShape, isConcrete, sameShape, type Shape } from "../shape.ts";
import type { Initializer } from "./initializer.ts";
import type { Variable } from "./tensor.ts";

/**
 * The reuse of variables in a scope: it creates variables (false), takes existing ones (true), or either ("auto").
 * https://www.tensorflow.org/api_docs/python/tf/compat/v1/variable_scope
 */
export type Reuse = boolean | "auto";

interface Scope {
  readonly prefix: string;
  readonly reuse: Reuse;
}

/** The variables of a graph by name, and the scope that names and shares them. */
export class VariableStore {
  readonly byName: Map<string, Variable> = new Map();
  #scope: Scope = { prefix: "", reuse: false };

  /** Runs the body inside a scope: names are joined with "/", and reuse, once on, holds for all scopes inside. */
  within<T>(name: string, reuse: Reuse, body: () => T): T {
    checkScope(name, reuse);
    const outer = this.#scope;
    this.#scope = {
      prefix: name === "" ? outer.prefix : `${outer.prefix}${name}/`,
      reuse: reuse === false ? outer.reuse : reuse,
    };
    try {
      return body();
    } finally {
      this.#scope = outer;
    }
  }

  /**
   * The variable of this name in the current scope. The scope's reuse decides whether it is created or taken.
   * @throws VariableError.
   */
  get(name: string, shape: Shape, initializer: Initializer, create: (fullName: string) => Variable): Variable {
    checkName("getVariable", name);
    const fullName = this.#scope.prefix + name;
    checkShape(`variable ${fullName}`, shape);
    if (!isConcrete(shape)) {
      throw new ShapeError(`variable ${fullName}: shape ${formatShape(shape)} has an unknown axis`);
    }
    checkInitializer(fullName, initializer);
    const existing = this.byName.get(fullName);
    if (existing !== undefined) return this.#shared(existing, shape);
    if (this.#scope.reuse === true) {
      throw new VariableError(`variable ${fullName} ${formatShape(shape)} does not exist, and its scope only reuses`);
    }
    const variable = create(fullName);
    this.byName.set(fullName, variable);
    return variable;
  }

  #shared(existing: Variable, shape: Shape): Variable {
    const { name } = existing;
    if (this.#scope.reuse === false) {
      throw new VariableError(
        `variable ${name} ${formatShape(shape)} exists already with shape ${formatShape(existing.shape)}; ` +
          "set reuse to share it",
      );
    }
    if (!sameShape(existing.shape, shape)) {
      throw new VariableError(
        `variable ${name} has shape ${formatShape(existing.shape)} and cannot be reused ` +
          `with shape ${formatShape(shape)}`,
      );
    }
    return existing;
  }
}

function checkName(what: string, name: string): void {
  if (typeof name !== "string" || !/^[\w.-]+(\/[\w.-]+)*$/.test(name)) {
    throw new ArgumentError(`${what}: name "${name}" is not made of letters, digits, "_", "." and "-", parted by "/"`);
  }
}

function checkScope(name: string, reuse: Reuse): void {
  if (name !== "") checkName("variableScope", name);
  if (reuse !== true && reuse !== false && reuse !== "auto") {
    throw new ArgumentError(`variableScope: reuse ${String(reuse)} is neither true, false nor "auto"`);
  }
}

function checkInitializer(name: string, initializer: Initializer): void {
  const known = ["constant", "normal", "truncatedNormal"];
  if (!known.includes(initializer?.kind)) {
    throw new ArgumentError(`variable ${name}: the initializer is none of ${known.join(", ")}`);
  }
  if (initializer.kind === "constant") {
    if (Number.isFinite(initializer.value)) return;
    throw new ArgumentError(`variable ${name}: the initial value ${initializer.value} is not a finite number`);
  }
  if (!(Number.isFinite(initializer.stddev) && initializer.stddev >= 0)) {
    throw new ArgumentError(
      `variable ${name}: the initializer's stddev ${initializer.stddev} is not a finite number ≥ 0`,
    );
  }
}
