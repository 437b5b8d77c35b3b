/** A map of known keys whose values are made when they are asked for, anew each time. */
export class ReadMap<V> implements ReadonlyMap<string, V> {
  readonly #keys: ReadonlySet<string>;
  readonly #read: (key: string) => V;

  constructor(keys: Iterable<string>, read: (key: string) => V) {
    this.#keys = new Set(keys);
    this.#read = read;
  }

  /** The same name as in a Map, so that a state view can be restored like a state. */
  readonly [Symbol.toStringTag]: string = "Map";

  get size(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  get(key: string): V | undefined {
    return this.#keys.has(key) ? this.#read(key) : undefined;
  }

  keys(): SetIterator<string> {
    return this.#keys.keys();
  }

  *values(): Generator<V, undefined> {
    for (const key of this.#keys) yield this.#read(key);
  }

  *entries(): Generator<[string, V], undefined> {
    for (const key of this.#keys) yield [key, this.#read(key)];
  }

  [Symbol.iterator](): Generator<[string, V], undefined> {
    return this.entries();
  }

  forEach(visit: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }
}
