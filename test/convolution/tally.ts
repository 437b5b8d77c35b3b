// The findings of a sweep: which cases fail, by how much, and how many there are.
import type { Algorithm } from "../../src/engine/lowering/convolution/convolution.ts";
import type { Bounded } from "./bounds.ts";

/** A graph with its numbers: its description, and the function that computes it. */
export interface Case {
  readonly label: string;
  readonly algorithm: Algorithm;
}

/** Numbers, and their expected values. */
export interface Comparison {
  readonly what: string;
  readonly got: ArrayLike<number>;
  readonly want: Bounded;
}

/** The comparison of one case. */
interface Found extends Case {
  elements: number;
  /** The number of elements that must be exact and are not, or are out of their bounds. */
  inexact: number;
  far: number;
  /** The largest error, relative to its bound. */
  worst: number;
  /** The first wrong element, in words. */
  first: string;
}

const SHOWN = 8;

/** Collects all cases of a sweep, by kind of check. */
export class Tally {
  readonly #kinds = new Map<string, Found[]>();

  /** The number of cases of this kind that were compared. */
  casesOf(kind: string): number {
    return this.#kinds.get(kind)?.length ?? 0;
  }

  /** Compares a case's numbers with the expected ones. */
  compare(kind: string, { label, algorithm }: Case, comparisons: readonly Comparison[]): void {
    const found: Found = { label, algorithm, elements: 0, inexact: 0, far: 0, worst: 0, first: "" };
    for (const comparison of comparisons) compareInto(found, comparison);
    const cases = this.#kinds.get(kind) ?? [];
    this.#kinds.set(kind, cases);
    cases.push(found);
  }

  /** Returns nothing if all cases pass; else the number that fail, and the worst of them. */
  failures(kind: string): string {
    const cases = this.#kinds.get(kind) ?? [];
    const failing = cases.filter(({ inexact, far }) => inexact + far > 0);
    if (failing.length === 0) return "";
    const shares = [...new Set(cases.map(({ algorithm }) => algorithm))].sort().map((algorithm) => {
      const [some, all] = [failing, cases].map((list) => list.filter((found) => found.algorithm === algorithm).length);
      return `${algorithm} ${some} of ${all}`;
    });
    const [inexact, far] = [total(failing, "inexact"), total(failing, "far")];
    const worst = failing.sort((a, b) => b.worst - a.worst || b.inexact - a.inexact || b.far - a.far);
    return [
      `${kind}: ${failing.length} of ${cases.length} cases fail (${shares.join(", ")})`,
      `${inexact} elements are not exact, ${far} are out of their bound, of ${total(cases, "elements")}`,
      ...worst.slice(0, SHOWN).map(inWords),
      ...(worst.length > SHOWN ? [`  and ${worst.length - SHOWN} more`] : []),
    ].join("\n");
  }
}

function compareInto(found: Found, { what, got, want: { values, bounds } }: Comparison): void {
  if (got.length !== values.length) throw new Error(`${what}: ${got.length} elements, not ${values.length}`);
  found.elements += got.length;
  for (let i = 0; i < got.length; i++) {
    const [value, wanted, bound] = [got[i]!, values[i]!, bounds[i]!];
    const error = Math.abs(value - wanted);
    if (isRight(value, wanted, bound)) {
      if (error > 0) found.worst = Math.max(found.worst, error / bound);
      continue;
    }
    found.first ||= `${what}[${i}] is ${value}, must be ${wanted} ± ${bound}`;
    if (bound === 0) found.inexact++;
    else found.far++;
    found.worst = Math.max(found.worst, bound > 0 && Number.isFinite(error) ? error / bound : Infinity);
  }
}

/**
 * Where the wanted number is not finite, the result must not be finite either. With an infinite bound, any result
 * passes.
 */
function isRight(value: number, wanted: number, bound: number): boolean {
  if (bound === Infinity && Number.isFinite(wanted)) return true;
  if (!Number.isFinite(wanted)) return !Number.isFinite(value);
  return Math.abs(value - wanted) <= bound;
}

function total(all: readonly Found[], of: "inexact" | "far" | "elements"): number {
  return all.reduce((sum, found) => sum + found[of], 0);
}

function inWords({ label, elements, inexact, far, worst, first }: Found): string {
  const share = `${inexact} not exact, ${far} too far, of ${elements}`;
  return `  ${label}: ${share}; worst error/bound ${worst.toPrecision(3)}; ${first}`;
}
