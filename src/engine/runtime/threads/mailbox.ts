// A program on its way to the workers, as float64 numbers in shared memory (float64 holds addresses and arguments
// alike):
//
//   where thread 0's part begins, …, where thread T−1's begins
//   a part:  steps, then for each step:  calls, then for each call:  kernel's number, arguments, the arguments …
import type { Kernels } from "../kernels.generated.ts";
import type { KernelCall, ThreadSteps } from "../kernel-calls.ts";

type KernelNames = readonly (keyof Kernels)[];

/** The numbers that stand for these parts of one program; a kernel's number is its place in `names`. */
export function encodeParts(parts: readonly ThreadSteps[], names: KernelNames): number[] {
  const numberOf = new Map(names.map((name, i) => [name, i]));
  const numbers: number[] = parts.map(() => 0);
  for (const [thread, steps] of parts.entries()) {
    numbers[thread] = numbers.length;
    numbers.push(steps.length);
    for (const calls of steps) {
      numbers.push(calls.length);
      for (const { kernel, args } of calls) numbers.push(numberOf.get(kernel)!, args.length, ...args);
    }
  }
  return numbers;
}

/** One thread's part again. */
export function decodePart(numbers: Float64Array, thread: number, names: KernelNames): ThreadSteps {
  let next = numbers[thread]!;
  const read = (): number => numbers[next++]!;
  const call = (): KernelCall => ({ kernel: names[read()]!, args: Array.from({ length: read() }, read) });
  return Array.from({ length: read() }, () => Array.from({ length: read() }, call));
}
