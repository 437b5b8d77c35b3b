import { checkAtMost, checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { checkTerms, FilterGradTerms, limitsOfFour, recomputeTap, termsAt } from "../conv/filter-grad-terms";
import { checkGeometry, Geometry } from "../conv/geometry";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { limitsAt, lineAt, lineFromRow, PLANES, POINTS, rowsFromPlanes, SCALE, SCRATCH_FLOATS } from "./spectrum";
import { TWIDDLES } from "./transforms";

// Transforms the spectrum of dFilter back, for each pair of an input and an output channel, and adds the result to
// dFilter if asked. Recomputes gradients that may be rounding alone from their own terms
// (../conv/filter-grad-terms.ts).
//
//   dFilter  [filterHeight, filterWidth, inChannels, outChannels], filterHeight and filterWidth <= 16
//   du       [ceil(outChannels/16) panels][382 planes, see spectrum.ts][inChannels][16], with planeStride floats from
//            one plane to the next
//   x … dyBits   see ../conv/filter-grad-terms.ts
//   geometry     of the convolution
//   twiddles, scratch   as in input-transform.ts
//   t            see ../conv/own-terms.ts
//
// All buffers are 4-byte aligned and no two overlap. The kernel transforms columns first, then rows. The range is input
// channels.
export function fftFilterGrad(
  dFilter: usize,
  du: usize,
  x: usize,
  dy: usize,
  mask: usize,
  pool: usize,
  xSquares: usize,
  dySquares: usize,
  xBits: usize,
  dyBits: usize,
  geometry: usize,
  twiddles: usize,
  outChannels: i32,
  planeStride: i32,
  accumulate: i32,
  t: f32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const plane = (<usize>planeStride) << 2;
  const tap = (<usize>(g.inChannels * outChannels)) << 2;
  const limits = limitsAt(scratch);
  const terms = termsAt(limits + 64, x, dy, mask, pool, xSquares, dySquares, xBits, dyBits);
  if (!ASC_NO_ASSERT) {
    checkCall("fftFilterGrad", begin, end, g.inChannels);
    checkGeometry(g);
    checkAtMost("filterHeight", g.filterHeight, POINTS);
    checkAtMost("filterWidth", g.filterWidth, POINTS);
    checkSize("outChannels", outChannels);
    checkOutput("dFilter", dFilter, g.filterHeight * g.filterWidth * g.inChannels * outChannels);
    checkOutput("scratch", scratch, SCRATCH_FLOATS);
    checkInput("du", du, (((outChannels + 15) >> 4) * PLANES - 1) * planeStride + 16 * g.inChannels);
    checkInput("twiddles", twiddles, TWIDDLES);
    checkTerms(terms, g, outChannels);
  }
  for (let k = 0; k < outChannels; k += 16) {
    const panel = at(du, (k >> 4) * PLANES * planeStride);
    for (let c = begin; c < end; c++) {
      const from = at(panel, c << 4);
      rowsFromPlanes(scratch, from, plane, twiddles);
      const end = min<i32>(16, outChannels - k);
      for (let i = 0; i < end; i += 4) limitsOfFour(at(limits, i), terms, c, k + i, outChannels, t);
      let to = at(dFilter, c * outChannels + k);
      for (let i = 0; i < g.filterHeight; i++, to += <usize>g.filterWidth * tap) {
        lineFromRow(scratch, i, twiddles);
        scaleLine(lineAt(scratch), g.filterWidth);
        recomputeTaps(lineAt(scratch), limits, terms, g, i, c, k, outChannels);
        storeTaps(to, tap, lineAt(scratch), g.filterWidth, accumulate, outChannels - k);
      }
    }
  }
}

function scaleLine(line: usize, width: i32): void {
  const scale = f32x4.splat(SCALE);
  for (const end = line + ((<usize>width) << 6); line < end; line += 16) {
    v128.store(line, f32x4.mul(scale, v128.load(line)));
  }
}

// Recomputes a row of taps, sixteen output channels each.
function recomputeTaps(
  line: usize,
  limits: usize,
  terms: FilterGradTerms,
  g: Geometry,
  ky: i32,
  c: i32,
  k: i32,
  outChannels: i32,
): void {
  const end = min<i32>(16, outChannels - k);
  for (let i = 0; i < end; i += 4) {
    for (let kx = 0; kx < g.filterWidth; kx++) {
      const made = at(line, (kx << 4) + i);
      recomputeTap(made, at(limits, i), terms, g, ky, kx, c, k + i, outChannels);
    }
  }
}

function storeTaps(to: usize, tap: usize, from: usize, width: i32, accumulate: i32, count: i32): void {
  for (let j = 0; j < width; j++, to += tap, from += 64) {
    for (let c = 0; c < min<i32>(count, 16); c += 4) {
      const gradient = v128.load(at(from, c));
      const p = at(to, c);
      storeLanes(p, accumulate ? f32x4.add(loadLanes(p, count - c), gradient) : gradient, count - c);
    }
  }
}
