/** What kernelDigest gives wherever the kernels' bits are right. UPDATE_DIGESTS=1 npx vitest run test/cli/wide writes it. */
export const KERNEL_DIGEST = "cbee019f564333afce1f925ce6a2d97371e183b18aedc6a23eac626668640205";
