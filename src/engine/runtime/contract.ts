/** The debug build's import, which a kernel calls if its arguments break its contract (assembly/contract.ts). */
type Broken = (kernel: number, argument: number, rule: number, other: number, value: number, limit: number) => never;

/**
 * The import that the debug build of the kernels (dist/kernels-debug.wasm) has beside its memory. It throws an Error
 * that names the kernel, the argument and the rule. No other build imports it.
 */
export class ContractImport {
  readonly #isWanted: boolean;
  #texts: DataView = new DataView(new ArrayBuffer(0));

  constructor(module: WebAssembly.Module) {
    this.#isWanted = WebAssembly.Module.imports(module).some((entry) => entry.module === "contract");
  }

  /** The imports of an instance. */
  readonly broken: Broken = (kernel, argument, rule, other, value, limit) => {
    const words = [argument, rule, other].map((text) => this.#textAt(text)).filter((text) => text !== "");
    throw new Error(`${this.#textAt(kernel)}: ${words.join(" ")} (${value}, ${limit})`);
  };

  /** Copies the texts. An instance leaves them in its memory until a session writes over them. */
  keepTexts(memory: WebAssembly.Memory): void {
    if (this.#isWanted) this.#texts = new DataView(memory.buffer.slice(0));
  }

  /** A string of AssemblyScript: UTF-16, with its length in bytes before it. Address 0 means no string. */
  #textAt(address: number): string {
    if (address === 0) return "";
    const length = this.#texts.getUint32(address - 4, true) / 2;
    const units = Array.from({ length }, (_, i) => this.#texts.getUint16(address + 2 * i, true));
    return String.fromCharCode(...units);
  }
}
