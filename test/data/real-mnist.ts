import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder beside the project where MNIST's four packed files may lie. */
export const REAL_MNIST: string = fileURLToPath(new URL("../../../shared/data/mnist/", import.meta.url));

/** Whether they do; tests that need them are skipped elsewhere. */
export const HAS_REAL_MNIST: boolean = existsSync(REAL_MNIST);

/** One of the four, packed. */
export function realMnist(name: string): Uint8Array {
  return readFileSync(`${REAL_MNIST}${name}.gz`);
}
