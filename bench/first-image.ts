// A process of its own: from createGan to the first image, in milliseconds, on stdout. Nothing is compiled yet, and the
// engine has not seen these kernels.
import { createGan } from "../src/index.ts";

const start = performance.now();
const gan = await createGan();
gan.generate(gan.latent("sample", 0, 1));
console.log(performance.now() - start);
