import { defineConfig, type ViteUserConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Folders whose files change nothing outside their own objects: they share a process, and load the library once. */
const PURE = ["compile", "convolution", "formats", "graph", "kernels", "nn", "ops", "optim", "random", "support"];

/** Files that take a core longer than five seconds, longest first. They go first: none is left at the end. */
const LONG = [
  "cli/train/resume.test.ts",
  "cli/train/resume-errors.test.ts",
  "determinism/digest.test.ts",
  "compile/merge-fetched-too.test.ts",
  "cli/train/digits.test.ts",
  "threads/processes.test.ts",
  "convolution/what-follows.test.ts",
  "data/digits.test.ts",
  "compile/recurrent.test.ts",
  "house/lint.test.ts",
  "cli/train/train.test.ts",
  "threads/split-programs.test.ts",
  "house/package.test.ts",
  "convolution/exactness.test.ts",
  "cli/sample/sample.test.ts",
  "house/installed.test.ts",
];

/** Files with a process of their own first, then those that share one; among each of them the long ones first. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification): number => {
      const at = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}`));
      return (at < 0 ? LONG.length : at) + (project.config.isolate ? 0 : LONG.length + 1);
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

const pure = PURE.map((folder) => `test/${folder}/**/*.test.ts`);
const everything = "test/**/*.test.ts";

const config: ViteUserConfig = defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One for each of two cores: the default leaves one core to the terminal.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: "alone", include: [everything], exclude: pure } },
      { extends: true, test: { name: "together", include: pure, isolate: false } },
    ],
  },
});
export default config;
