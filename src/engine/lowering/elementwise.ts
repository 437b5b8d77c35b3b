// Lowerings that elementwise operations share. y takes its input's memory if nothing else reads it.
import type { Buffer } from "../program/buffer.ts";
import type { Emitter, KernelArguments, KernelName } from "../program/emitter.ts";
import { binaryView } from "./strided-view.ts";

/** Kernels with this many arguments before their range. */
type KernelOf<Count extends number> = {
  [K in KernelName]: KernelArguments<K>["length"] extends Count ? K : never;
}[KernelName];

/** Kernels (y, x, range). */
export type UnaryKernel = KernelOf<2>;

/** Kernels (y, a, b, view, range) on operands that broadcast. */
export type BinaryKernel = KernelOf<4>;

/** Kernels (dx, dy, kept, range) on operands of one shape. */
export type UnaryGradKernel = KernelOf<3>;

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

/** dx = kernel(dy, kept), element by element. */
export function lowerUnaryGrad(emit: Emitter, kernel: UnaryGradKernel, dx: Buffer, dy: Buffer, kept: Buffer): void {
  emit.inPlace(dx, dy);
  emit.call(kernel, [dx, dy, kept], dx.size);
}
