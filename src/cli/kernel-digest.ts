/** What kernelDigest gives wherever the kernels' bits are right. UPDATE_DIGESTS=1 npx vitest run test/cli/wide writes it. */
export const KERNEL_DIGEST = "e2dbcc0a97c61cd5fd4d843a2b8c94a995c7e90f3846f2b06b069e85df83116f";
