import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    // One for each of two cores: the default leaves one core to the terminal.
    maxWorkers: 2,
  },
});
export default config;
