import type { Buffer } from "../../program/buffer.ts";

/** What is done to a convolution's result while it is still in the cache. */
export interface Epilogue {
  /** [outChannels], added to every pixel. */
  readonly bias: Buffer;
  /** Whether relu follows. */
  readonly relu: boolean;
}
