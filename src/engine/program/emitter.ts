import type { Shape } from "../shape.ts";
import { sizeOf } from "../shape.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { align } from "../runtime/memory.ts";
import { Buffer, Storage, type Layout } from "./buffer.ts";
import type { Resident } from "./resident.ts";

/** A kernel's name. */
export type KernelName = keyof Kernels;

/** A kernel's arguments before its range. A buffer stands for its address. */
export type KernelArguments<K extends KernelName> = K extends KernelName ? AddressesOf<Kernels[K]> : never;

type AddressesOf<F> = F extends (...parameters: [...infer Head extends number[], begin: number, end: number]) => void
  ? { [I in keyof Head]: number | Buffer }
  : never;

/** One kernel call of a program, over [0, extent) of the kernel's parallel dimension. */
export interface Call {
  readonly kernel: KernelName;
  readonly args: readonly (number | Buffer)[];
  readonly extent: number;
  /** The operation, the update or the fetch that it belongs to, as a text for people. */
  readonly origin: string;
}

/** Pieces of work that do not depend on each other. Each is a list of calls that one thread makes in order. */
export interface Section {
  readonly tasks: readonly (readonly Call[])[];
}

/**
 * A step that all threads finish before any of them goes on: a call whose range they split, or a section whose tasks
 * they share out.
 */
export type Step = Call | Section;

/** The output of an operation's `lower`: the list of kernel calls and the buffers they need. */
export class Emitter {
  readonly steps: Step[] = [];
  readonly storages: Storage[] = [];
  /** Number of threads that will run the program. */
  readonly threads: number;
  /** The operation, the update or the fetch that the next calls belong to. */
  origin = "";
  /** The task that is being written, if any. */
  #task: Call[] | undefined;
  readonly #derived = new Map<string, Buffer>();
  readonly #storageNumbers = new Map<Storage, number>();

  constructor(threads = 1) {
    this.threads = threads;
  }

  /**
   * Appends a kernel call over [0, extent) of the kernel's parallel dimension. It is a step of its own, whose range the
   * threads split, or the next call of the task that is being written.
   */
  call<K extends KernelName>(kernel: K, args: KernelArguments<K>, extent: number): void {
    const step = this.#task === undefined ? this.steps.length : this.steps.length - 1;
    for (const arg of args as readonly (number | Buffer)[]) {
      if (arg instanceof Buffer) arg.storage.touch(step);
    }
    (this.#task ?? this.steps).push({ kernel, args, extent, origin: this.origin });
  }

  /**
   * Appends one step with a task for each item. No task may read what another writes. A buffer that one task needs for
   * itself is `local`, so that it stays in the cache of the thread that made it. The distribution of tasks changes no
   * bit. A single item is no task: its calls become steps whose ranges are split.
   */
  tasks<T>(items: readonly T[], body: (item: T, index: number) => void): void {
    if (items.length === 1) {
      body(items[0]!, 0);
      return;
    }
    const tasks: Call[][] = [];
    this.steps.push({ tasks });
    items.forEach((item, index) => {
      this.#task = [];
      body(item, index);
      tasks.push(this.#task);
    });
    this.#task = undefined;
  }

  /** A buffer in the arena, alive between its first and its last step. */
  scratch(shape: Shape, layout: Layout = "plain"): Buffer {
    return this.#inArena(shape, new Storage(sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT), layout);
  }

  /**
   * A buffer that one of these tasks (or one panel of a call) writes and reads again by itself. Every thread has a copy
   * of its own. A single item is no task, and all threads then share one buffer.
   */
  local(shape: Shape, tasks: number): Buffer {
    if (tasks === 1) return this.scratch(shape);
    const stride = align(sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT);
    return this.#inArena(shape, new Storage(stride * this.threads, undefined, stride));
  }

  #inArena(shape: Shape, storage: Storage, layout?: Layout): Buffer {
    this.storages.push(storage);
    return new Buffer(shape, storage, 0, layout);
  }

  /** A buffer on a resident, which stays in memory between runs. */
  resident(shape: Shape, resident: Resident, layout: Layout = "plain"): Buffer {
    return new Buffer(shape, new Storage(sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT, resident), 0, layout);
  }

  /** A table of integers: strides, window geometry. */
  integers(values: readonly number[]): Buffer {
    return this.#table(Int32Array.from(values));
  }

  /** A table of floats: small matrices. */
  floats(values: ArrayLike<number>): Buffer {
    return this.#table(Float32Array.from(values));
  }

  #table(values: Int32Array | Float32Array): Buffer {
    return this.resident([values.length], { kind: "table", values });
  }

  /** Lets y be x under another shape, without a copy. */
  alias(y: Buffer, x: Buffer): void {
    y.moveTo(x.storage, x.offset);
  }

  /**
   * Lets y take x's memory if nothing else will read x and y is not written yet, so that the kernel works in place.
   * Otherwise y stays where it is, and the result is false.
   */
  inPlace(y: Buffer, x: Buffer): boolean {
    const { storage } = x;
    const lastReader = storage.readersLeft === 1 && storage.resident === undefined && storage.firstStep >= 0;
    if (!lastReader || x.size !== y.size || x.offset !== 0) return false;
    storage.generation++;
    y.moveTo(storage, 0);
    return true;
  }

  /** Lets y begin with x's numbers: in x's memory if nothing else will read x, otherwise in a copy. */
  beginWith(y: Buffer, x: Buffer): void {
    if (!this.inPlace(y, x)) this.call("copy", [y, x], y.size);
  }

  /**
   * Another form of a buffer's content, made once per program for each content. It is not made within a task, because
   * other tasks read it too.
   */
  derived(from: Buffer, form: string, make: () => Buffer): Buffer {
    const key = `${this.#numberOf(from.storage)}.${from.storage.generation}+${from.offset}: ${form}`;
    const known = this.#derived.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#derived.set(key, made);
    return made;
  }

  #numberOf(storage: Storage): number {
    const known = this.#storageNumbers.get(storage);
    if (known !== undefined) return known;
    this.#storageNumbers.set(storage, this.#storageNumbers.size);
    return this.#storageNumbers.size - 1;
  }
}
