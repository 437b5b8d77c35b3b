// Lowerings that elementwise operations share. y takes its input's memory where nothing else reads it.
import type { Buffer } from "../program/buffer.ts";
import type { Emitter } from "../program/emitter.ts";
import { binaryView } from "./strided-view.ts";

/** Kernels (y, x, range). */
export type UnaryKernel =
  "neg" | "exp" | "log" | "sqrt" | "square" | "abs" | "relu" | "sigmoid" | "tanh" | "softplus" | "copy";

/** Kernels (y, a, b, view, range) on operands that broadcast. */
export type BinaryKernel = "add" | "sub" | "mul" | "div" | "maximum" | "greaterEqual" | "equal";

/** Kernels (dx, dy, saved, range) on operands of one shape. */
export type UnaryGradKernel = "reluGrad" | "sigmoidGrad" | "tanhGrad" | "absGrad";

/** y = kernel(x), element by element. */
export function lowerUnary(emit: Emitter, kernel: UnaryKernel, y: Buffer, x: Buffer): void {
  emit.inPlace(y, x);
  emit.call(kernel, [y, x], y.size);
}

/** y = kernel(a, b), element by element of the broadcast shape. */
export function lowerBinary(emit: Emitter, kernel: BinaryKernel, y: Buffer, a: Buffer, b: Buffer): void {
  if (!emit.inPlace(y, a)) emit.inPlace(y, b);
  emit.call(kernel, [y, a, b, binaryView(emit, y.shape, a.shape, b.shape)], y.size);
}

/** dx = kernel(dy, saved), element by element. */
export function lowerUnaryGrad(emit: Emitter, kernel: UnaryGradKernel, dx: Buffer, dy: Buffer, saved: Buffer): void {
  emit.inPlace(dx, dy);
  emit.call(kernel, [dx, dy, saved], dx.size);
}
