/** What kernelDigest gives wherever the kernels' bits are right. UPDATE_DIGESTS=1 npx vitest run test/cli/wide writes it. */
export const KERNEL_DIGEST = "27fc403db780936ff2c091955421fd1d258c1f62c6fa6f29975994f1e93904f3";
