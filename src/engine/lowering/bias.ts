import type { Buffer } from "../program/buffer.ts";
import type { Emitter } from "../program/emitter.ts";

/** y = x + bias along the last axis, then relu if asked; y may be x. */
export function lowerAddBias(emit: Emitter, y: Buffer, x: Buffer, bias: Buffer, relu: boolean): void {
  const channels = bias.size;
  emit.call("addBias", [y, x, bias, channels, Number(relu)], x.size / channels);
}
