// A convolution's three passes in float64, product by product, each with the sum of its terms' magnitudes. Zeros are
// left out, so that sparse images are fast. Products with numbers that are not finite are kept wherever they could make
// a sum not finite.
import type { WindowGeometry } from "../../src/engine/window.ts";

/** A pass's numbers, and for each the sum of the magnitudes of its own terms. */
export interface Sums {
  readonly values: Float64Array;
  readonly sizes: Float64Array;
}

/** A convolution with stride 1. */
export interface Convolution {
  readonly g: WindowGeometry;
  readonly outChannels: number;
}

export type Numbers = Float32Array | Float64Array;

/** Adds value·factors[from + i] to the i-th of `count` sums from `first` on. */
function addProducts(
  { values, sizes }: Sums,
  first: number,
  value: number,
  factors: Numbers,
  from: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const product = value * factors[from + i]!;
    values[first + i]! += product;
    sizes[first + i]! += Math.abs(product);
  }
}

/** y = x ∗ filter. */
export function forwardSums({ g, outChannels }: Convolution, x: Numbers, filter: Numbers): Sums {
  const sums = sumsOf(g.batch * g.outHeight * g.outWidth * outChannels);
  forEachTap(g, (tap, pixel, output) => {
    const y = output * outChannels;
    for (let c = 0; c < g.inChannels; c++) {
      const value = x[pixel * g.inChannels + c]!;
      if (value === 0) continue;
      const weights = (tap * g.inChannels + c) * outChannels;
      addProducts(sums, y, value, filter, weights, outChannels);
    }
  });
  return sums;
}

/** dx, the adjoint of the forward pass in x. */
export function inputGradientSums(convolution: Convolution, dy: Numbers, filter: Numbers): Sums {
  const { g, outChannels } = convolution;
  const sums = sumsOf(g.batch * g.inHeight * g.inWidth * g.inChannels);
  const turned = transposedFilter(convolution, filter);
  forEachTap(g, (tap, pixel, output) => {
    const dx = pixel * g.inChannels;
    for (let k = 0; k < outChannels; k++) {
      const value = dy[output * outChannels + k]!;
      if (value === 0) continue;
      const weights = (tap * outChannels + k) * g.inChannels;
      addProducts(sums, dx, value, turned, weights, g.inChannels);
    }
  });
  return sums;
}

/** dFilter from x and dy, the adjoint of the forward pass in the filter. */
export function filterGradientSums({ g, outChannels }: Convolution, x: Numbers, dy: Numbers): Sums {
  const sums = sumsOf(g.filterHeight * g.filterWidth * g.inChannels * outChannels);
  forEachTap(g, (tap, pixel, output) => {
    const y = output * outChannels;
    for (let c = 0; c < g.inChannels; c++) {
      const value = x[pixel * g.inChannels + c]!;
      if (value === 0) continue;
      const weights = (tap * g.inChannels + c) * outChannels;
      addProducts(sums, weights, value, dy, y, outChannels);
    }
  });
  return sums;
}

/** The sum over all pixels of each channel: a bias's gradient. */
export function channelSums(dy: Numbers, channels: number): Sums {
  const sums = sumsOf(channels);
  dy.forEach((value, i) => {
    sums.values[i % channels]! += value;
    sums.sizes[i % channels]! += Math.abs(value);
  });
  return sums;
}

/** [taps, outChannels, inChannels], so that the inner loop's numbers lie side by side. */
function transposedFilter({ g, outChannels }: Convolution, filter: Numbers): Float64Array {
  const turned = new Float64Array(filter.length);
  const { inChannels } = g;
  for (let tap = 0; tap < g.filterHeight * g.filterWidth; tap++) {
    const start = tap * inChannels * outChannels;
    for (let c = 0; c < inChannels; c++) {
      for (let k = 0; k < outChannels; k++) {
        turned[start + k * inChannels + c] = filter[start + c * outChannels + k]!;
      }
    }
  }
  return turned;
}

/** Visits every tap of every window that lies inside the image: its number, the pixel's and the output's. */
function forEachTap(g: WindowGeometry, visit: (tap: number, pixel: number, output: number) => void): void {
  for (let output = 0; output < g.batch * g.outHeight * g.outWidth; output++) {
    const image = Math.floor(output / (g.outHeight * g.outWidth));
    const top = (Math.floor(output / g.outWidth) % g.outHeight) - g.padTop;
    const left = (output % g.outWidth) - g.padLeft;
    for (let i = Math.max(0, -top); i < Math.min(g.filterHeight, g.inHeight - top); i++) {
      const row = (image * g.inHeight + top + i) * g.inWidth + left;
      for (let j = Math.max(0, -left); j < Math.min(g.filterWidth, g.inWidth - left); j++) {
        visit(i * g.filterWidth + j, row + j, output);
      }
    }
  }
}

function sumsOf(size: number): Sums {
  return { values: new Float64Array(size), sizes: new Float64Array(size) };
}
