import type { Optimizer } from "../graph/update.ts";

/** Memory that a program reads or writes and that keeps its content between runs. A session decides where it lies. */
export type Resident =
  | { readonly kind: "table"; readonly values: Int32Array | Float32Array }
  | { readonly kind: "variable"; readonly variable: string }
  | { readonly kind: "slot"; readonly optimizer: Optimizer; readonly slot: string; readonly variable: string }
  | { readonly kind: "scalar"; readonly optimizer: Optimizer; readonly scalar: string };

/** The byte address of a resident. */
export type AddressOf = (resident: Resident) => number;
