import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { panelsOf, PANEL_COLUMNS } from "./product-layout";

// Cuts the right-hand matrix of a product into panels 16 columns wide, so that the tiles read one line of 64 bytes a
// step.
//
//   B [k, n]      columns  0..15     columns 16..31    ...
//   panels        [k][16]            [k][16]           [ceil(n/16)][k][16], 0 in the columns past n
//
// b is row-major [k, n], or [n, k] where `transposed` is 1. b and panels are 4-byte aligned and do not overlap. The
// kernel only copies. The range is panels.
export function packPanels(panels: usize, b: usize, k: i32, n: i32, transposed: i32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) {
    checkCall("packPanels", begin, end, panelsOf(n));
    checkSize("k", k);
    checkSize("n", n);
    checkOutput("panels", panels, panelsOf(n) * k * PANEL_COLUMNS);
    checkInput("b", b, k * n);
  }
  const panelBytes = (<usize>k) << 6;
  for (let panel = begin; panel < end; panel++) {
    const to = panels + <usize>panel * panelBytes;
    const first = panel << 4;
    const columns = min(16, n - first);
    if (transposed) {
      packRows(to, b + ((<usize>first * <usize>k) << 2), k, columns);
    } else {
      packColumns(to, b + ((<usize>first) << 2), k, n, columns);
    }
  }
}

// One panel from B [k, n]: k runs of `columns` floats, with n floats from one run to the next.
function packColumns(to: usize, from: usize, k: i32, n: i32, columns: i32): void {
  const rowBytes = (<usize>n) << 2;
  if (columns == 16) {
    for (let step = 0; step < k; step++) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
      v128.store(to, v128.load(from, 48), 48);
      from += rowBytes;
      to += 64;
    }
    return;
  }
  const zero = f32x4.splat(0);
  for (let step = 0; step < k; step++) {
    v128.store(to, zero);
    v128.store(to, zero, 16);
    v128.store(to, zero, 32);
    v128.store(to, zero, 48);
    let j = 0;
    for (; j <= columns - 4; j += 4) v128.store(to + ((<usize>j) << 2), v128.load(from + ((<usize>j) << 2)));
    for (; j < columns; j++) store<f32>(to + ((<usize>j) << 2), load<f32>(from + ((<usize>j) << 2)));
    from += rowBytes;
    to += 64;
  }
}

// One panel from B stored as [n, k]: its `columns` columns are rows of k floats. Takes four rows at a time, in 4x4
// blocks.
export function packRows(to: usize, from: usize, k: i32, columns: i32): void {
  const rowBytes = (<usize>k) << 2;
  let j = 0;
  for (; j <= columns - 4; j += 4) packFourRows(to + ((<usize>j) << 2), from + <usize>j * rowBytes, k, rowBytes);
  for (; j < 16; j++) {
    const column = to + ((<usize>j) << 2);
    const row = from + <usize>j * rowBytes;
    for (let step = 0; step < k; step++) {
      store<f32>(column + ((<usize>step) << 6), j < columns ? load<f32>(row + ((<usize>step) << 2)) : 0);
    }
  }
}

function packFourRows(to: usize, row0: usize, k: i32, rowBytes: usize): void {
  const row1 = row0 + rowBytes;
  const row2 = row1 + rowBytes;
  const row3 = row2 + rowBytes;
  let step = 0;
  for (; step <= k - 4; step += 4) {
    const at = (<usize>step) << 2;
    const a = v128.load(row0 + at);
    const b = v128.load(row1 + at);
    const c = v128.load(row2 + at);
    const d = v128.load(row3 + at);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
    v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 64);
    v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), 128);
    v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), 192);
    to += 256;
  }
  for (; step < k; step++) {
    const at = (<usize>step) << 2;
    store<f32>(to, load<f32>(row0 + at));
    store<f32>(to, load<f32>(row1 + at), 4);
    store<f32>(to, load<f32>(row2 + at), 8);
    store<f32>(to, load<f32>(row3 + at), 12);
    to += 64;
  }
}
