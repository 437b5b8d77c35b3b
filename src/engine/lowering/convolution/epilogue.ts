import type { Buffer } from "../../program/buffer.ts";

/** Operations on a convolution's result while it is still in the cache. */
export interface Epilogue {
  /** [outChannels], added to every pixel. */
  readonly bias: Buffer;
  /** True if relu follows. */
  readonly relu: boolean;
}
