/**
 * Checkpoints: all that a resume needs, as a safetensors file (src/formats/safetensors.ts; any reader of the format
 * opens it).
 *
 *   __metadata__   see checkpoint-metadata.ts
 *   d_w1, g_w1, …                  every variable, in the layout of src/gan/generator.ts and discriminator.ts
 *   <trainer>/<slot>/<variable>    what a trainer's optimizer keeps of its variables, Adam in the slots m and v;
 *                                  absent while its t is 0, since they are zero then
 *
 * A checkpoint holds no path, time, thread count or duration, so two equal runs write equal bytes.
 */
import { FormatError, MismatchError, NonFiniteError, NumericsError } from "../../engine/errors.ts";
import {
  decodeSafetensors,
  joinPieces,
  streamSafetensors,
  type SafetensorsFile,
  type SafetensorsTensor,
} from "../../formats/safetensors.ts";
import { firstDifference, GAN_SETTINGS, RECIPE_SETTINGS } from "../configuration.ts";
import type { Recipe } from "../recipes.ts";
import { byTrainer, TRAINERS } from "../trainers.ts";
import type { Gan, GanState, TrainerName } from "../types.ts";
import { NUMERICS_VERSION } from "../../engine/numerics-version.ts";
import type { OptimizerState } from "../../engine/session/optimizer-values.ts";
import { formatShape, sameShape, type Shape } from "../../engine/shape.ts";
import { readMetadata, writeMetadata, type CheckpointMetadata, type DataIdentity } from "./checkpoint-metadata.ts";

export type { CheckpointMetadata, DataIdentity } from "./checkpoint-metadata.ts";

/** The counterpart of a checkpoint in a check: the configuration of a GAN and the variables it has. */
export type CheckpointModel = Pick<Gan, "batchSize" | "zDim" | "seed" | "recipe" | "variables" | "trainers">;

/** A checkpoint that was read. Its tensors are not compared with a model yet. */
export interface Checkpoint extends CheckpointMetadata {
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
}

/**
 * The bytes of a checkpoint.
 * @throws NonFiniteError if a value of the state is NaN or infinite: such a state is not worth keeping
 */
export async function encodeCheckpoint(
  model: CheckpointModel,
  state: GanState,
  data: DataIdentity,
): Promise<Uint8Array<ArrayBuffer>> {
  return await Promise.resolve(joinPieces(streamCheckpoint(model, state, data)));
}

/**
 * The same bytes in pieces, for a file or a network: with `gan.stateView()` no more than one tensor is in memory at a
 * time. Write them all before the next step; a piece is overwritten by the next.
 * @throws NonFiniteError where a value of the state is NaN or infinite, before the first piece
 */
export function streamCheckpoint(model: CheckpointModel, state: GanState, data: DataIdentity): SafetensorsFile {
  const tensors = new Map<string, SafetensorsTensor>();
  const add = (name: string, values: GanState["variables"], variable: string): void => {
    tensors.set(name, {
      shape: model.variables.shape(variable),
      get values() {
        return allFinite(state.step, name, values.get(variable)!);
      },
    });
  };
  for (const name of state.variables.keys()) add(name, state.variables, name);
  for (const trainer of TRAINERS) {
    for (const [slot, values] of Object.entries(state.optimizers[trainer].slots)) {
      for (const name of values.keys()) add(slotName(trainer, slot, name), values, name);
    }
  }
  return streamSafetensors({ tensors, metadata: writeMetadata(state, data) });
}

function allFinite(step: number, tensor: string, values: Float32Array): Float32Array {
  const found = firstNonFinite(values);
  if (found !== undefined) throw new NonFiniteError(step, tensor, found);
  return values;
}

/**
 * Reads a checkpoint: its digest, its metadata and the format of its tensors are checked here, the rest in stateOf.
 * @throws FormatError for a file that is truncated, damaged or no checkpoint; NumericsError where another
 * NUMERICS_VERSION wrote it, unless that is allowed
 */
export async function readCheckpoint(
  bytes: Uint8Array,
  { allowNumericsChange = false }: { readonly allowNumericsChange?: boolean } = {},
): Promise<Checkpoint> {
  const { tensors, metadata } = await decodeSafetensors(bytes);
  const checkpoint = { ...readMetadata(metadata), tensors };
  if (checkpoint.numericsVersion !== NUMERICS_VERSION && !allowNumericsChange) {
    throw new NumericsError(
      `the checkpoint has NUMERICS_VERSION ${checkpoint.numericsVersion}, this program has ${NUMERICS_VERSION}: ` +
        `it would go on with other bits`,
    );
  }
  return checkpoint;
}

/**
 * The state a GAN restores to go on from a checkpoint.
 * @throws MismatchError for a checkpoint of another configuration; FormatError for a missing, unknown or misshapen
 * tensor or a value that is not finite
 */
export function stateOf(checkpoint: Checkpoint, model: CheckpointModel): GanState {
  checkConfiguration(checkpoint, model);
  const rest = new Map(checkpoint.tensors);
  const take = (name: string, shape: Shape): Float32Array => {
    const tensor = rest.get(name);
    if (tensor === undefined) throw new FormatError(`the checkpoint has no tensor ${name}`);
    rest.delete(name);
    return checkTensor(name, tensor, shape);
  };
  const variables = new Map(model.variables.names.map((name) => [name, take(name, model.variables.shape(name))]));
  const stateOfTrainer = (trainer: TrainerName): OptimizerState => {
    const t = checkpoint.t[trainer];
    const { slots, variables } = model.trainers[trainer];
    const trained = t === 0 ? [] : variables;
    const values = (slot: string): Map<string, Float32Array> =>
      new Map(trained.map(({ name, shape }) => [name, take(slotName(trainer, slot, name), shape)]));
    return { t, slots: Object.fromEntries(slots.map((slot) => [slot, values(slot)])) };
  };
  const optimizers = byTrainer(stateOfTrainer);
  for (const name of rest.keys())
    throw new FormatError(`the checkpoint has a tensor ${name}, which is none of the model's`);
  const { batchSize, zDim, recipe, seed, phase, step } = checkpoint;
  return { numericsVersion: NUMERICS_VERSION, batchSize, zDim, recipe, seed, phase, step, variables, optimizers };
}

function slotName(trainer: TrainerName, slot: string, variable: string): string {
  return `${trainer}/${slot}/${variable}`;
}

/** The settings that must be the same in a checkpoint and in the run that takes it, by their names in the files. */
const SAVED_SETTINGS = {
  batch: GAN_SETTINGS.batchSize,
  zDim: GAN_SETTINGS.zDim,
  seed: GAN_SETTINGS.seed,
  ...RECIPE_SETTINGS,
};

type SavedSettings = Recipe & { readonly batch: number; readonly zDim: number; readonly seed: number };

function checkConfiguration(checkpoint: Checkpoint, model: CheckpointModel): void {
  const saved = ({ batchSize, zDim, seed, recipe }: Checkpoint | CheckpointModel): SavedSettings => ({
    batch: batchSize,
    zDim,
    seed,
    ...recipe,
  });
  const [found, wanted] = [saved(checkpoint), saved(model)];
  const name = firstDifference(SAVED_SETTINGS, found, wanted);
  if (name !== undefined) {
    throw new MismatchError(`the checkpoint has ${name} ${found[name]}, the run has ${wanted[name]}`);
  }
}

function checkTensor(name: string, { shape, values }: SafetensorsTensor, wanted: Shape): Float32Array {
  if (!sameShape(shape, wanted)) {
    throw new FormatError(`the checkpoint's ${name} has shape ${formatShape(shape)} instead of ${formatShape(wanted)}`);
  }
  const nonFinite = firstNonFinite(values);
  if (nonFinite !== undefined) throw new FormatError(`the checkpoint's ${name} holds ${nonFinite}`);
  return values;
}

function firstNonFinite(values: Float32Array): number | undefined {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return values[i];
  return undefined;
}
