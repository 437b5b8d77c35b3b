/**
 * The version of the bits. Every change that moves a bit of any result raises it. Checkpoints carry it, and the
 * published digests belong to it.
 */
export const NUMERICS_VERSION = 5;
