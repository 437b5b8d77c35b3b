// Optimizers.
export { adam, type Adam, type AdamOptions, type AdamSettings } from "./adam.ts";
