/**
 * The digest that kernelDigest gives wherever the kernels' bits are right. It is written by
 * UPDATE_DIGESTS=1 npx vitest run test/cli/wide
 */
export const KERNEL_DIGEST = "73ac17db693b3d46ebd58c5b80fab977ae58f15bf886350d42ede64bf543acf6";
