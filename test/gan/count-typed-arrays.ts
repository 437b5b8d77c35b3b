const CONSTRUCTORS = [
  "ArrayBuffer",
  "SharedArrayBuffer",
  "DataView",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
] as const;

/** The methods of typed arrays that make another one. */
const MAKING = ["slice", "subarray", "map", "filter", "toReversed", "toSorted", "with"] as const;

/** How many typed arrays, views and array buffers JavaScript code makes while `run` runs. */
export function countTypedArrays(run: () => unknown): number {
  let count = 0;
  const undo: (() => void)[] = [];
  const replace = (holder: object, name: string, by: (original: object) => object): void => {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name)!;
    Object.defineProperty(holder, name, { ...descriptor, value: by(descriptor.value as object) });
    undo.push(() => Object.defineProperty(holder, name, descriptor));
  };
  for (const name of CONSTRUCTORS) {
    const handler: ProxyHandler<object> = {
      construct(target, args, newTarget) {
        count++;
        return Reflect.construct(target as new () => object, args, newTarget) as object;
      },
    };
    replace(globalThis, name, (original) => new Proxy(original, handler));
  }
  const prototype = Object.getPrototypeOf(Float32Array.prototype) as object;
  for (const name of MAKING) {
    const handler: ProxyHandler<object> = {
      apply(target, self, args) {
        count++;
        const result: unknown = Reflect.apply(target as () => unknown, self, args);
        return result;
      },
    };
    replace(prototype, name, (original) => new Proxy(original, handler));
  }
  try {
    run();
  } finally {
    for (const restore of undo) restore();
  }
  return count;
}
