// Optimizers.
export { adam, type Adam, type AdamOptions } from "./adam.ts";
