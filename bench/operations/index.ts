import type { Benchmark } from "../benchmark.ts";
import { convolutions } from "./convolution.ts";
import { elementwise } from "./elementwise.ts";
import { featureMaps } from "./feature-maps.ts";
import { fusedConvolutions } from "./fused-convolution.ts";
import { layout } from "./layout.ts";
import { panelProducts, transposedPanelProducts, unpacking } from "./panel-products.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";
import { sparseProducts } from "./sparse-products.ts";
import { updates } from "./updates.ts";

/** Everything that `npm run bench` times beside the GAN as a whole. A test fails if a kernel is left out. */
export const allBenchmarks: readonly Benchmark[] = [
  ...products,
  ...panelProducts,
  ...transposedPanelProducts,
  unpacking,
  ...sparseProducts,
  ...convolutions,
  ...fusedConvolutions,
  ...featureMaps,
  ...elementwise,
  ...reductions,
  ...layout,
  ...updates,
];
