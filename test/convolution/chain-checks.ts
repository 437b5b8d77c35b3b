// The checks of a chain's results: its output, its gradients, and each run's bits against the other's.
import { bitsOf } from "../support/bits.ts";
import type { Runs, ExactChain } from "./chains.ts";
import type { Comparison } from "./tally.ts";

const RUNS = ["alone", "fetched"] as const;

/** Both runs' outputs. */
export function comparedOutputs(exact: ExactChain, runs: Runs): Comparison[] {
  return RUNS.map((run) => ({ what: `${run}: out`, got: runs[run].out!, want: exact.out }));
}

/** The bits of the first run and of its output without gradients, which must be those of the second. */
export function comparedBits(exact: ExactChain, { alone, fetched, forward }: Runs): Comparison[] {
  const compared = (name: string, got: Float32Array, want: Float32Array): Comparison => ({
    what: `bits of ${name}`,
    got: bitsOf(got),
    want: { values: Float64Array.from(bitsOf(want)), bounds: new Float64Array(want.length) },
  });
  return [
    ...exact.namesOfSameBits.map((name) => compared(name, alone[name]!, fetched[name]!)),
    compared("out without gradients", forward, fetched.out!),
  ];
}

/** Both runs' gradients. Those of the first run are checked where the side of the kink that it took is known. */
export function comparedGradients(exact: ExactChain, runs: Runs): Comparison[] {
  const slopes = RUNS.map((run) => exact.slopes(runs, run));
  const want = exact.gradients(slopes[1]!);
  const isSame = slopes[0]!.every((slope, i) => slope === slopes[1]![i]);
  const wanted = { alone: isSame ? want : exact.gradients(slopes[0]!), fetched: want };
  return RUNS.filter((run) => exact.knows(runs, run)).flatMap((run) =>
    Object.entries(wanted[run]).map(([name, bounded]) => ({
      what: `${run}: d ${name}`,
      got: runs[run][name]!,
      want: bounded,
    })),
  );
}
