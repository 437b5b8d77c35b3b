/** What kernelDigest gives wherever the kernels' bits are right. UPDATE_DIGESTS=1 npx vitest run test/cli/wide writes it. */
export const KERNEL_DIGEST = "02c85ee75163fbf8e5991187059f5d714d3da5c268b294f9bc9584e3bf105506";
