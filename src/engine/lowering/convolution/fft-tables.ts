// What the kernels of assembly/fourier fix and the compiler has to know.
import type { Buffer } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";

/** Points of the transform along an axis. */
export const POINTS = 16;

/** Planes of a spectrum (assembly/fourier/spectrum.ts). */
export const PLANES = 382;

/** Floats of a thread's scratch (assembly/fourier/spectrum.ts). */
export const SCRATCH_FLOATS: number = (16 * 16 + 16 + 2 * 16) * 16 + 32 * 4 + 40;

/** cos(πj/8) for j = 0 … 4. JavaScript's own differs between engines. */
const COSINES: readonly number[] = [1, 0.9238795325112867, 0.7071067811865476, 0.3826834323650898, 0];

/** e^(−2πi·bd/16) for b = 0 … 3 and d = 1 … 3, each part four times: what the transforms multiply with. */
export function turnsTable(emit: Emitter): Buffer {
  const turns = [0, 1, 2, 3].flatMap((b) => [1, 2, 3].flatMap((d) => [cosine(b * d), -cosine(b * d - 4)]));
  return emit.floats(turns.flatMap((part) => [part, part, part, part]));
}

/** cos(πj/8) */
function cosine(j: number): number {
  const turn = Math.abs(j) % POINTS;
  const half = Math.min(turn, POINTS - turn);
  return half > 4 ? -COSINES[8 - half]! : COSINES[half]!;
}
