import type { Buffer } from "../src/engine/program/buffer.ts";
import type { KernelName, Step } from "../src/engine/program/emitter.ts";
import type { Resident } from "../src/engine/program/resident.ts";
import { formatShape } from "../src/engine/shape.ts";
import type { StepName } from "./gan-steps.ts";
import { TimedGan, type TimedCall } from "./timed-gan.ts";
import { buffersOf, bytesOf } from "./traffic.ts";

/** A kernel's calls in one step of a program: one, or those of all tasks of a section. */
export interface ExplainedCalls {
  /** The step's number in the program, from 1. */
  readonly step: number;
  readonly kernel: KernelName;
  readonly calls: number;
  /** Of the parallel dimension, all calls together. */
  readonly extent: number;
  readonly bytes: number;
  readonly ms: number;
  /** The operation, update or fetch that it belongs to. */
  readonly origin: string;
  /** The tensors of the first call, outputs first. */
  readonly tensors: string;
}

/** A step's calls in order, and how long they took in the fastest of some runs. */
export async function explainStep(name: StepName, batchSize: number, runs: number): Promise<ExplainedCalls[]> {
  const gan = await TimedGan.create(batchSize, "plain");
  gan.run(name);
  let fastest = gan.timed(name);
  for (let i = 1; i < runs; i++) {
    const made = gan.timed(name);
    if (msOf(made) < msOf(fastest)) fastest = made;
  }
  const rest = [...fastest];
  const explained = gan.programOf(name).steps.flatMap((step, i) => explain(i + 1, rest.splice(0, lengthOf(step))));
  gan.dispose();
  return explained;
}

/** All lines of a step as they are printed, the sum last. */
export function explanation(explained: readonly ExplainedCalls[]): string[] {
  const total = (value: (line: ExplainedCalls) => number): number =>
    explained.reduce((sum, line) => sum + value(line), 0);
  const [calls, bytes, ms] = [total((line) => line.calls), total((line) => line.bytes), total((line) => line.ms)];
  const head = row("step", "kernel", "calls", "extent", "MB", "ms", "share", "operation | tensors");
  const lines = explained.map((line) =>
    row(
      String(line.step),
      line.kernel,
      String(line.calls),
      String(line.extent),
      (line.bytes / 1e6).toFixed(3),
      line.ms.toFixed(3),
      `${((100 * line.ms) / (ms || 1)).toFixed(2)} %`,
      `${line.origin} | ${line.tensors}`,
    ),
  );
  const sum = row("", "together", String(calls), "", (bytes / 1e6).toFixed(3), ms.toFixed(3), "100.00 %", "");
  return [head, ...lines, sum];
}

function row(...[step, kernel, calls, extent, megabytes, ms, share, rest]: string[]): string {
  const columns = [
    step!.padStart(4),
    kernel!.padEnd(28),
    calls!.padStart(5),
    extent!.padStart(9),
    megabytes!.padStart(10),
    ms!.padStart(9),
    share!.padStart(8),
    rest!,
  ];
  return columns.join("  ").trimEnd();
}

function lengthOf(step: Step): number {
  return "tasks" in step ? step.tasks.flat().length : 1;
}

/** The calls of one step, those of one kernel for one operation together. */
function explain(step: number, made: readonly TimedCall[]): ExplainedCalls[] {
  const groups = new Map<string, TimedCall[]>();
  for (const one of made) {
    const key = `${one.kernel} ${one.call.origin}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) => {
    const [{ call, kernel }] = group as [TimedCall, ...TimedCall[]];
    return {
      step,
      kernel,
      calls: group.length,
      extent: group.reduce((sum, one) => sum + one.call.extent, 0),
      bytes: group.reduce((sum, one) => sum + bytesOf(one.call), 0),
      ms: msOf(group),
      origin: call.origin,
      tensors: buffersOf(call).map(describe).join(" "),
    };
  });
}

function msOf(made: readonly TimedCall[]): number {
  return made.reduce((sum, { ms }) => sum + ms, 0);
}

function describe({ shape, layout, storage }: Buffer): string {
  const name = storage.resident === undefined ? "" : nameOf(storage.resident);
  return `${name}${formatShape(shape)}${layout === "panels" ? " in panels" : ""}`;
}

function nameOf(resident: Resident): string {
  if (resident.kind === "variable") return resident.variable;
  return resident.kind === "slot" ? `${resident.optimizer.name}/${resident.slot}/${resident.variable}` : resident.kind;
}
