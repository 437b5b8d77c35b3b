import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { panelsOf, PANEL_COLUMNS } from "./product-layout";

// The inverse of packPanels: B row-major [k, n] from its panels [ceil(n/16)][k][16]. b and panels are 4-byte aligned
// and do not overlap. The kernel only copies: it goes through the rows of B, and in each row through the panels. The
// range is rows of B.
export function unpackPanels(b: usize, panels: usize, k: i32, n: i32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) {
    checkCall("unpackPanels", begin, end, k);
    checkSize("k", k);
    checkSize("n", n);
    checkOutput("b", b, k * n);
    checkInput("panels", panels, panelsOf(n) * k * PANEL_COLUMNS);
  }
  const panelBytes = (<usize>k) << 6;
  for (let row = begin; row < end; row++) {
    let to = b + ((<usize>row * <usize>n) << 2);
    let from = panels + ((<usize>row) << 6);
    for (let left = n; left > 0; left -= 16, to += 64, from += panelBytes) copyColumns(to, from, min(16, left));
  }
}

function copyColumns(to: usize, from: usize, columns: i32): void {
  let j = 0;
  for (; j <= columns - 4; j += 4) v128.store(to + ((<usize>j) << 2), v128.load(from + ((<usize>j) << 2)));
  for (; j < columns; j++) store<f32>(to + ((<usize>j) << 2), load<f32>(from + ((<usize>j) << 2)));
}
