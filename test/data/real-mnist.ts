import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folders beside the project, and beside the folder of its worktrees. */
const SHARED = ["../../../shared/data/mnist/", "../../../../shared/data/mnist/"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** The folder where MNIST's four packed files may lie. */
export const REAL_MNIST: string = SHARED.find((folder) => existsSync(folder)) ?? SHARED[0]!;

/** Whether they do; tests that need them are skipped elsewhere. */
export const HAS_REAL_MNIST: boolean = existsSync(REAL_MNIST);

/** One of the four, packed. */
export function realMnist(name: string): Uint8Array {
  return readFileSync(`${REAL_MNIST}${name}.gz`);
}
