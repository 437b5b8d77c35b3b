import { checkAtLeast, checkCall, checkInput, checkOutput } from "../contract";
import { checkGeometry, Geometry, inImage } from "../conv/geometry";
import { at } from "../math/lanes";
import { PLANES, SCRATCH_FLOATS } from "./spectrum";
import { clearTile, spectrumOfTile } from "./tile-spectrum";
import { checkTiling, firstColumn, firstRow, imagesFrom, Tiling, tilesOfImage } from "./tiling";
import { TWIDDLES } from "./transforms";

// V: the spectrum of the 16 x 16 inputs that a tile sees, which are 0 outside the image.
//
//   v         [tiles][382 planes, see spectrum.ts][inChannels]
//   x         [batch, inHeight, inWidth, inChannels], the whole tensor; inChannels >= 16
//   geometry, tiling   of the convolution (tiling.ts), with strides 1
//   twiddles  see transforms.ts
//   scratch   see spectrum.ts, one buffer for each thread
//
// All buffers are 4-byte aligned and no two overlap. The kernel transforms rows first, then columns. The range is
// tiles, counted from firstImage.
export function fftInput(
  v: usize,
  x: usize,
  geometry: usize,
  tiling: usize,
  twiddles: usize,
  firstImage: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const t = changetype<Tiling>(tiling);
  if (!ASC_NO_ASSERT) {
    checkCall("fftInput", begin, end, (g.batch - firstImage) * tilesOfImage(t));
    checkGeometry(g);
    checkTiling(t, g);
    checkAtLeast("inChannels", g.inChannels, 16);
    const tileSize = PLANES * g.inChannels;
    const first = firstImage + begin / tilesOfImage(t);
    checkOutput("v", at(v, begin * tileSize), (end - begin) * tileSize);
    checkOutput("scratch", scratch, SCRATCH_FLOATS);
    checkInput("x", at(x, first * inImage(g)), imagesFrom(t, begin, end) * inImage(g));
    checkInput("twiddles", twiddles, TWIDDLES);
  }
  const pixel = (<usize>g.inChannels) << 2;
  const row = <usize>g.inWidth * pixel;
  for (let tile = begin; tile < end; tile++) {
    const top = firstRow(t, tile) - g.padTop;
    const left = firstColumn(t, tile) - g.padLeft;
    const i = max<i32>(0, -top);
    const j = max<i32>(0, -left);
    const rows = max<i32>(0, min<i32>(16, g.inHeight - top) - i);
    const columns = max<i32>(0, min<i32>(16, g.inWidth - left) - j);
    const image = firstImage + tile / tilesOfImage(t);
    const from = at(x, ((image * g.inHeight + top + i) * g.inWidth + left + j) * g.inChannels);
    const to = at(v, tile * PLANES * g.inChannels);
    clearTile(scratch, rows, columns);
    for (let c = 0; ; c = min<i32>(c + 16, g.inChannels - 16)) {
      spectrumOfTile(at(to, c), pixel, at(from, c), row, pixel, rows, columns, i, j, 1, 16, scratch, twiddles);
      if (c == g.inChannels - 16) break;
    }
  }
}
