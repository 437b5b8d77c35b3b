/**
 * Every error this library throws on purpose. Each has a `code` that never changes and a message of one line that
 * names the operation or the argument, the value found and the rule it breaks.
 */
export type ErrorCode =
  | "SHAPE" // a tensor's shape or a buffer's length breaks an operation's rule
  | "ARGUMENT" // an argument or option has a value outside its range
  | "VARIABLE" // a variable is missing, exists already, or has another shape
  | "GRAPH" // a graph is used in a way it does not support: a missing feed, a fetch from another graph, …
  | "DATA" // training data is missing, incomplete or damaged
  | "FORMAT" // a file is not what its format demands: truncated, damaged, too large
  | "MISMATCH" // a state or checkpoint belongs to another configuration
  | "NUMERICS" // a state or checkpoint was written by another NUMERICS_VERSION
  | "NON_FINITE" // a loss became NaN or infinite
  | "DISPOSED" // the object was disposed before
  | "THREAD" // a thread failed or was terminated; its session or GAN cannot be used any more
  | "UNSUPPORTED"; // the JavaScript engine lacks a feature that is needed (WebAssembly SIMD, …)

/** Base class of all errors thrown by wasm-gan. */
export class WasmGanError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message.replace(/\s*[\r\n]+\s*/g, " "), options); // names and addresses from users may have many lines
    this.name = new.target.name;
    this.code = code;
  }
}

/** A tensor's shape or a buffer's length breaks an operation's rule. */
export class ShapeError extends WasmGanError {
  constructor(message: string) {
    super("SHAPE", message);
  }
}

/** An argument or option has a value outside its range. */
export class ArgumentError extends WasmGanError {
  constructor(message: string) {
    super("ARGUMENT", message);
  }
}

/** A variable is missing, exists already, or has another shape. */
export class VariableError extends WasmGanError {
  constructor(message: string) {
    super("VARIABLE", message);
  }
}

/** A graph is used in a way it does not support. */
export class GraphError extends WasmGanError {
  constructor(message: string) {
    super("GRAPH", message);
  }
}

/** Training data is missing, incomplete or damaged. */
export class DataError extends WasmGanError {
  constructor(message: string, options?: ErrorOptions) {
    super("DATA", message, options);
  }
}

/** A file is not what its format demands: truncated, damaged, too large. */
export class FormatError extends WasmGanError {
  constructor(message: string, options?: ErrorOptions) {
    super("FORMAT", message, options);
  }
}

/** A state or checkpoint belongs to another configuration. */
export class MismatchError extends WasmGanError {
  constructor(message: string) {
    super("MISMATCH", message);
  }
}

/** A state or checkpoint was written by another NUMERICS_VERSION. */
export class NumericsError extends WasmGanError {
  constructor(message: string) {
    super("NUMERICS", message);
  }
}

/** A loss became NaN or infinite. `step` is the step's number in its phase, from 0, and `tensor` the loss's name. */
export class NonFiniteError extends WasmGanError {
  readonly step: number;
  readonly tensor: string;

  constructor(step: number, tensor: string, value: number) {
    super("NON_FINITE", `step ${step}: ${tensor} is ${value}; training stops at the first loss that is not finite`);
    this.step = step;
    this.tensor = tensor;
  }
}

/** The object was disposed before. */
export class DisposedError extends WasmGanError {
  constructor(what: string) {
    super("DISPOSED", `${what} was disposed and cannot be used any more`);
  }
}

/** A thread failed or was terminated in the middle of its work; the session or GAN it worked for is lost. */
export class ThreadError extends WasmGanError {
  constructor(message: string, options?: ErrorOptions) {
    super("THREAD", message, options);
  }
}

/** The JavaScript engine lacks a feature that is needed. */
export class UnsupportedError extends WasmGanError {
  constructor(message: string, options?: ErrorOptions) {
    super("UNSUPPORTED", message, options);
  }
}
