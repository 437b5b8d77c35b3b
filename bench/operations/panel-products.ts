import type { Emitter } from "../../src/engine/program/emitter.ts";
import { PANEL_COLUMNS } from "../../src/engine/runtime/sizes.generated.ts";
import { PLANES } from "../../src/engine/lowering/convolution/fft-tables.ts";
import { blockSteps } from "../../src/engine/lowering/product/panel-layout.ts";
import { layoutOf, macroTiles, type Planes } from "../../src/engine/lowering/product/product.ts";
import type { Product } from "../../src/engine/lowering/product/product-sizes.ts";
import { kernelCalls, type Benchmark } from "../benchmark.ts";
import { BATCH } from "../shapes.ts";

/** Products of one shape as the GAN has them, on one plane or on those of a convolution by transforms. */
interface Shapes {
  readonly layer: string;
  readonly product: Product;
  readonly planes?: number;
  readonly panelsOfC?: boolean;
}

/** Floats between planes, which keep them from falling on the same lines of the cache. */
const PADDING = 16;

/** Of spectra: a dozen images, a tile each, and sixteen output channels at a time; three dozen for the filter's gradient. */
const conv2: readonly Shapes[] = [
  { layer: "D.conv2 planes", product: { m: 12, n: PANEL_COLUMNS, k: 32 }, planes: PLANES },
  { layer: "D.conv2 planes, dx", product: { m: 12, n: PANEL_COLUMNS, k: 64 }, planes: PLANES },
  { layer: "D.conv2 planes, dFilter", product: { m: 32, n: 64, k: 34, transposeA: true }, planes: PLANES },
];

/** Of 2×2 filters, three images of 49 tiles at a time. */
const conv3: readonly Shapes[] = [
  { layer: "G.conv3 planes", product: { m: 147, n: 25, k: 50 }, planes: 25 },
  { layer: "G.conv3 planes, dx", product: { m: 147, n: 50, k: 25 }, planes: 25 },
  {
    layer: "G.conv3 planes, dFilter",
    product: { m: 50, n: 25, k: 147, transposeA: true, accumulate: true },
    planes: 25,
  },
];

const dense: readonly Shapes[] = [BATCH, 2 * BATCH].flatMap((images) => [
  { layer: `D.fc1 of ${images}`, product: { m: images, n: 1024, k: 3136 } },
  {
    layer: `D.fc1 of ${images}, dWeights`,
    product: { m: 3136, n: 1024, k: images, transposeA: true },
    panelsOfC: true,
  },
]);

const others: readonly Shapes[] = [
  { layer: "512³", product: { m: 512, n: 512, k: 512 } },
  { layer: "D.conv1 patches", product: { m: 39_200, n: 32, k: 25 } },
];

/** Products whose right-hand matrix lies in panels, by each kernel: gemm as it is, and with tiles for wide registers. */
export const panelProducts: readonly Benchmark[] = (["gemm", "gemmWide"] as const).flatMap((kernel) =>
  [...others, ...conv2, ...conv3, ...dense].map((shapes) => panelProduct(kernel, shapes)),
);

/** A dense layer's input gradient from the panels of the forward, of D.fc1's size, as where no relu follows it. */
export const transposedPanelProducts: readonly Benchmark[] = (
  ["gemmPanelsTransposed", "gemmPanelsTransposedWide"] as const
).flatMap((kernel) => [BATCH, 2 * BATCH].map((m) => transposedPanelProduct(kernel, m)));

/** Variables that lie in panels are unpacked when they leave the session. */
export const unpacking: Benchmark = kernelCalls(
  { operation: "unpackPanels", layer: "d_w3", inputs: [[3136, 1024]] },
  (emit) => {
    const [y, panels] = [emit.scratch([3136, 1024]), emit.scratch([1024 / PANEL_COLUMNS, 3136, PANEL_COLUMNS])];
    emit.call("unpackPanels", [y, panels, 3136, 1024], 3136);
  },
);

function panelProduct(
  kernel: "gemm" | "gemmWide",
  { layer, product, planes = 1, panelsOfC = false }: Shapes,
): Benchmark {
  const { m, n, k, accumulate = false } = product;
  const panels = Math.ceil(n / PANEL_COLUMNS);
  const padded = (floats: number): number => floats + (planes > 1 ? PADDING : 0);
  const strides: Planes = {
    count: planes,
    aStride: padded(m * k),
    panelsStride: padded(panels * k * PANEL_COLUMNS),
    cStride: padded(m * n),
  };
  const emitCall = (emit: Emitter): void => {
    const c = emit.scratch([planes * strides.cStride]);
    const a = emit.scratch([planes * strides.aStride]);
    const b = emit.scratch([planes * strides.panelsStride]);
    const table = emit.integers(layoutOf(product, panelsOfC ? "panels" : "plain", strides));
    emit.call(kernel, [c, a, b, table, Number(accumulate)], macroTiles(product, strides));
  };
  const inputs = [
    [planes, m, k],
    [planes, k, n],
  ];
  return kernelCalls({ operation: kernel, layer, inputs, flops: 2 * planes * m * n * k }, emitCall);
}

function transposedPanelProduct(kernel: "gemmPanelsTransposed" | "gemmPanelsTransposedWide", m: number): Benchmark {
  const [n, k] = [3136, 1024];
  const inputs = [
    [m, k],
    [n, k],
  ];
  return kernelCalls({ operation: kernel, layer: `D.fc1 of ${m}, dx`, inputs, flops: 2 * m * n * k }, (emit) => {
    const [c, a, w] = [emit.scratch([m, n]), emit.scratch([m, k]), emit.scratch([k / PANEL_COLUMNS, n, PANEL_COLUMNS])];
    const scratch = emit.scratch([blockSteps(k), PANEL_COLUMNS]);
    emit.call(kernel, [c, a, w, scratch, m, n, k, 0], n / PANEL_COLUMNS);
  });
}
