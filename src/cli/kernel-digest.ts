/** What kernelDigest gives wherever the kernels' bits are right. UPDATE_DIGESTS=1 npx vitest run test/cli/wide writes it. */
export const KERNEL_DIGEST = "c3c15850fc3c587e410fd903fe38a65b986fd476af355bb678ef55f0c9cd62fd";
