/**
 * The version of the bits: raised by every change that moves a bit of any result. Checkpoints carry it, and the
 * published digests belong to it.
 */
export const NUMERICS_VERSION = 5;
