// Initial values, layers with variables of their own, and losses.
export { constant, normal, truncatedNormal, zeros } from "./initializers.ts";
export * from "./layers.ts";
export { binaryCrossEntropy, meanSquaredError } from "./losses.ts";
