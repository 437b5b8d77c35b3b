// A process of its own that runs the built package as its users do: from import to the first image, in milliseconds, on
// stdout.
import { performance } from "node:perf_hooks";

const start = performance.now();
const { createGan } = await import("wasm-gan");
const gan = await createGan();
gan.generate(gan.latent("sample", 0, 1));
console.log(performance.now() - start);
gan.dispose();
