// The savings of a chain of bundles: how many fewer numbers are read and written.
import type { Tensor } from "../../../graph/tensor.ts";
import { concrete, sizeOf } from "../../../shape.ts";
import { Bundle, isPart, type Bundles, type Rows } from "./bundles.ts";
import type { Readers } from "./readers.ts";
import { rowInputs } from "./row-wise.ts";
import { rowSize } from "./rows.ts";

/** The size of each copy in numbers, by a text that says what is copied. A copy with two readers is made once. */
export type Copies = ReadonlyMap<string, number>;

/** The numbers that are read once instead of once for each member: weights. */
export function sizeReadAgain(chain: readonly Bundle[]): number {
  return sum(chain.map(({ members, sharedInputs }) => (members.length - 1) * sum(sharedInputs.map(sizeOfTensor))));
}

/**
 * The tensors for which a chain decides whether they are cut out of others: its members, and the tensors that give them
 * rows.
 */
export function tensorsAt(chain: readonly Bundle[]): ReadonlySet<Tensor> {
  return new Set(chain.flatMap((bundle) => [...bundle.members, ...bundle.rowInputs.flat()]));
}

/** The copies that must be cut out of a tensor or a bundle, because a reader takes these rows alone. */
export function copiesApart(tensors: Iterable<Tensor>, bundles: Bundles, readers: Readers): Copies {
  const copies = new Map<string, number>();
  for (const x of tensors) {
    const rows = bundles.rowsOf(x);
    if (isPart(rows) && isReadByItself(x, bundles, readers)) copies.set(textOf(rows), rows.count * rowSize(x));
  }
  return copies;
}

function isReadByItself(x: Tensor, bundles: Bundles, readers: Readers): boolean {
  if (readers.isRoot(x)) return true;
  for (const reader of readers.of(x)) {
    if (bundles.of(reader) === undefined || reader.inputs.slice(rowInputs(reader)).includes(x)) return true;
  }
  return false;
}

/** The copies that put the rows each bundle reads into one tensor. */
export function copiesTogether(chain: readonly Bundle[], bundles: Bundles): Copies {
  const copies = new Map<string, number>();
  for (const inputs of chain.flatMap((bundle) => bundle.rowInputs)) {
    const runs = bundles.runsOf(inputs);
    const size = rowSize(inputs[0]!);
    for (const { rows } of runs) if (isPart(rows)) copies.set(textOf(rows), rows.count * size);
    const all = sum(runs.map(({ rows }) => rows.count));
    if (runs.length > 1) copies.set(runs.map(({ rows }) => textOf(rows)).join("|"), all * size);
  }
  return copies;
}

/** The numbers read and written for all these copies, without those that are made anyway. */
export function trafficOf(copies: readonly Copies[], made: ReadonlySet<string>): number {
  const distinct = new Map(copies.flatMap((each) => [...each]));
  return 2 * sum([...distinct].map(([text, size]) => (made.has(text) ? 0 : size)));
}

function textOf({ of, first, count }: Rows): string {
  return `${nameOf(of)}:${first}+${count}`;
}

/** A name that no other tensor or bundle has. */
export function nameOf(of: Tensor | Bundle): string {
  return of instanceof Bundle ? `bundle ${of.first.id}` : `${of.id}`;
}

function sizeOfTensor({ shape }: Tensor): number {
  return sizeOf(concrete(shape));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
