import type { TrainerName } from "./types.ts";

/** The four trainers, in the order of model.ts. */
export const TRAINERS: readonly TrainerName[] = ["dTrainerReal", "dTrainerFake", "dTrainer", "gTrainer"];

/** A value for each trainer. */
export function byTrainer<T>(value: (name: TrainerName) => T): Record<TrainerName, T> {
  return {
    dTrainerReal: value("dTrainerReal"),
    dTrainerFake: value("dTrainerFake"),
    dTrainer: value("dTrainer"),
    gTrainer: value("gTrainer"),
  };
}
