import { loadLanes, storeLanes, storeLastLanes } from "../math/lanes";

// How the loops of batch norm reach memory. A type parameter names the access, so that the body of a loop is written
// once and compiled for each: `load` and `store` move elements of rows, `coefficient` loads the coefficients of their
// channels.

// The loops take this many rows together. They load the coefficients of the channels once for these rows, and as the
// rows lie side by side, memory is still read nearly in order.
export const ROWS_TOGETHER: i32 = 16;

// Four channels.
@unmanaged
export class Whole {
  load(p: usize, _count: i32): v128 {
    return v128.load(p);
  }
  store(p: usize, lanes: v128, _count: i32): void {
    v128.store(p, lanes);
  }
  coefficient(p: usize, _count: i32): v128 {
    return v128.load(p);
  }
}

// The last one to three channels of five or more, together with those before them: all addresses are those of the last
// four channels, and the results of the others are dropped.
@unmanaged
export class Last {
  load(p: usize, _count: i32): v128 {
    return v128.load(p);
  }
  store(p: usize, lanes: v128, count: i32): void {
    storeLastLanes(p, lanes, count);
  }
  coefficient(p: usize, _count: i32): v128 {
    return v128.load(p);
  }
}

// Two or three channels, which are all there are.
@unmanaged
export class Few {
  load(p: usize, count: i32): v128 {
    return loadLanes(p, count);
  }
  store(p: usize, lanes: v128, count: i32): void {
    storeLanes(p, lanes, count);
  }
  coefficient(p: usize, count: i32): v128 {
    return loadLanes(p, count);
  }
}

// Four rows of the only channel.
@unmanaged
export class Column {
  load(p: usize, _count: i32): v128 {
    return v128.load(p);
  }
  store(p: usize, lanes: v128, _count: i32): void {
    v128.store(p, lanes);
  }
  coefficient(p: usize, _count: i32): v128 {
    return v128.load32_splat(p);
  }
}

// The last one to three rows of the only channel.
@unmanaged
export class ColumnTail {
  load(p: usize, count: i32): v128 {
    return loadLanes(p, count);
  }
  store(p: usize, lanes: v128, count: i32): void {
    storeLanes(p, lanes, count);
  }
  coefficient(p: usize, _count: i32): v128 {
    return v128.load32_splat(p);
  }
}
