import { describe, expect, test } from "vitest";
import { PANEL_COLUMNS } from "../../src/engine/runtime/sizes.generated.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkKernels, type KernelCase } from "./check-kernel.ts";
import { transpose, values } from "./matrix-products.ts";

const memory = await KernelMemory.create(2);

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

/** b [k,n] in panels [⌈n/16⌉][k][16], zeros behind the last column. */
function panelsOf(b: Float32Array, k: number, n: number): Float32Array {
  return Float32Array.from({ length: Math.ceil(n / PANEL_COLUMNS) * k * PANEL_COLUMNS }, (_, index) => {
    const column = PANEL_COLUMNS * Math.floor(index / (PANEL_COLUMNS * k)) + (index % PANEL_COLUMNS);
    const row = Math.floor(index / PANEL_COLUMNS) % k;
    return column < n ? b[row * n + column]! : 0;
  });
}

function* unpackCases(): Generator<KernelCase> {
  for (const n of [...upTo(18), 31, 32, 33])
    for (const k of [1, 2, 9]) {
      const b = values(k * n, n);
      yield {
        label: `unpackPanels k ${k}, n ${n}`,
        inputs: [panelsOf(b, k, n)],
        outputs: [k * n],
        extent: k,
        run: (kernels, [to], [from], begin, end) => kernels.unpackPanels(to!, from!, k, n, begin, end),
        expected: [{ values: b }],
      };
    }
}

function* packCases(): Generator<KernelCase> {
  for (const n of [...upTo(18), 31, 32, 33])
    for (const k of upTo(9))
      for (const transposed of [false, true]) {
        const b = values(k * n, n);
        const panels = panelsOf(b, k, n);
        yield {
          label: `packPanels k ${k}, n ${n}${transposed ? ", transposed" : ""}`,
          inputs: [transposed ? transpose(b, k, n) : b],
          outputs: [panels.length],
          extent: Math.ceil(n / PANEL_COLUMNS),
          run: (kernels, [to], [from], begin, end) =>
            kernels.packPanels(to!, from!, k, n, Number(transposed), begin, end),
          expected: [{ values: panels }],
        };
      }
}

describe("packPanels", () => {
  test("lays B out as [⌈n/16⌉][k][16] with zeros behind the last column", () => {
    checkKernels(memory, packCases());
  });

  test("nothing past the end of memory is read or written", () => {
    const k = 3;
    for (const n of upTo(33)) {
      const panelCount = Math.ceil(n / PANEL_COLUMNS);
      memory.reset();
      const [b, panels] = [memory.place(k * n), memory.place(panelCount * k * PANEL_COLUMNS)];
      for (const transposed of [0, 1]) {
        memory.kernels.packPanels(panels, memory.end - 4 * k * n, k, n, transposed, 0, panelCount);
        memory.kernels.packPanels(memory.end - 64 * k * panelCount, b, k, n, transposed, 0, panelCount);
      }
      expect(() => memory.checkGuards("calls at the end of memory")).not.toThrow();
    }
  });
});

describe("unpackPanels", () => {
  test("brings B back, row-major", () => {
    checkKernels(memory, unpackCases());
  });
});
