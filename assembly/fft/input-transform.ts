import { Geometry } from "../conv/geometry";
import { at } from "../math/lanes";
import { PLANES } from "./spectrum";
import { clearTile, spectrumOfTile } from "./tile-spectrum";
import { firstColumn, firstRow, Tiling, tilesOfImage } from "./tiling";

// V: the spectrum of the 16 x 16 inputs that a tile sees, 0 outside the image.
//
//   v         [tiles][382 planes, see spectrum.ts][inChannels]
//   x         [batch, inHeight, inWidth, inChannels], the whole tensor; inChannels >= 16
//   geometry, tiling   of the convolution (tiling.ts), strides 1
//   turns     see transforms.ts
//   scratch   see spectrum.ts, one for each thread
//
// Four-byte aligned; nothing overlaps. Rows first, then columns. The range is tiles, counted from firstImage on.
export function fourierInput(
  v: usize,
  x: usize,
  geometry: usize,
  tiling: usize,
  turns: usize,
  firstImage: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const t = changetype<Tiling>(tiling);
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
      spectrumOfTile(at(to, c), pixel, at(from, c), row, pixel, rows, columns, i, j, 1, 16, scratch, turns);
      if (c == g.inChannels - 16) break;
    }
  }
}
