import type { Kernels } from "./kernels.generated.ts";

/** A kernel call with its addresses filled in; the arguments end with the range. */
export interface KernelCall {
  readonly kernel: keyof Kernels;
  readonly args: readonly number[];
}

/** The work of one thread in a run: its calls, step by step. All threads finish a step before any begins the next. */
export type ThreadSteps = readonly (readonly KernelCall[])[];

/** A kernel as a function, and its arguments. */
interface BoundCall {
  readonly kernel: (...args: readonly number[]) => void;
  readonly args: readonly number[];
}

/** One thread's part of a run, ready to be made again and again. */
export class BoundSteps {
  readonly #steps: readonly (readonly BoundCall[])[];

  constructor(steps: ThreadSteps, kernels: Kernels) {
    this.#steps = steps.map((calls) =>
      calls.map(({ kernel, args }) => ({ kernel: functionOf(kernels, kernel), args })),
    );
  }

  /** Makes the calls in order; `finished` is called after each step. */
  run(finished?: () => void): void {
    for (const calls of this.#steps) {
      for (const { kernel, args } of calls) kernel(...args);
      finished?.();
    }
  }
}

function functionOf(kernels: Kernels, name: keyof Kernels): BoundCall["kernel"] {
  return kernels[name];
}
