// Optimizers.
export { adam, type Adam, type AdamOptions, type AdamSettings } from "./adam.ts";
export { rmsprop, type Rmsprop, type RmspropOptions } from "./rmsprop.ts";
export { sgd, type Sgd, type SgdOptions } from "./sgd.ts";
