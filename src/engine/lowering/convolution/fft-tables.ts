// Constants of the kernels in assembly/fft that the compiler has to know.
import type { Buffer } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import { FFT_POINTS as POINTS } from "../../runtime/sizes.generated.ts";

// Points of the transform along an axis, planes of a spectrum, floats of a thread's scratch.
export {
  FFT_PLANES as PLANES,
  FFT_POINTS as POINTS,
  FFT_SCRATCH_FLOATS as SCRATCH_FLOATS,
} from "../../runtime/sizes.generated.ts";

/** cos(πj/8) for j = 0 … 4. JavaScript's cosine differs between engines. */
const COSINES: readonly number[] = [1, 0.9238795325112867, 0.7071067811865476, 0.3826834323650898, 0];

/** The twiddle factors of the transforms: e^(−2πi·bd/16) for b = 0 … 3 and d = 1 … 3, each part four times. */
export function twiddleTable(emit: Emitter): Buffer {
  const factors = [0, 1, 2, 3].flatMap((b) => [1, 2, 3].flatMap((d) => [cosine(b * d), -cosine(b * d - 4)]));
  return emit.floats(factors.flatMap((part) => [part, part, part, part]));
}

/** cos(πj/8) */
function cosine(j: number): number {
  const turn = Math.abs(j) % POINTS;
  const half = Math.min(turn, POINTS - turn);
  return half > 4 ? -COSINES[8 - half]! : COSINES[half]!;
}
