// wasm-gan: the tutorial's GAN, and the deep-learning engine it is written with. Re-exports only.
export { createGan } from "./gan/gan.ts";
export { recipes } from "./gan/recipes.ts";
export type {
  AdamState,
  DiscriminatorLosses,
  Gan,
  GanOptions,
  GanState,
  GanVariables,
  GeneratorLoss,
  LatentStream,
  LossName,
  Phase,
  Recipe,
  RecipeName,
  TrainerName,
  VariableDescription,
} from "./gan/types.ts";

export {
  train,
  type CheckpointEvent,
  type EndEvent,
  type SampleEvent,
  type StartEvent,
  type StepEvent,
  type TrainEvent,
  type TrainOptions,
} from "./train/trainer.ts";
export {
  encodeCheckpoint,
  readCheckpoint,
  stateOf,
  streamCheckpoint,
  type Checkpoint,
  type CheckpointMetadata,
  type CheckpointModel,
  type DataIdentity,
} from "./train/checkpoint.ts";

export { Graph } from "./graph/graph.ts";
export { gradients } from "./graph/gradients.ts";
export type { Initializer } from "./graph/initializer.ts";
export type { Attributes, Inputs, Operation } from "./graph/operation.ts";
export type { Placeholder, Tensor, Variable } from "./graph/tensor.ts";
export type { AdamSettings, Optimizer, Update } from "./graph/update.ts";
export type { Reuse } from "./graph/variable-store.ts";
export * as nn from "./nn/index.ts";
export * as ops from "./ops/index.ts";
export * as optim from "./optim/index.ts";
export { compile, type CompileOptions } from "./session/compile.ts";
export type { Feeds } from "./session/feeds.ts";
export type { Fetch, Fetched, FetchedAll, Session, SessionVariables } from "./session/session.ts";
export type { OptimizerState } from "./session/adam-slots.ts";
export type { RewriteName, RewriteSwitches } from "./compile/rewrites/index.ts";
export type { KernelSource } from "./runtime/kernels.ts";

export {
  ArgumentError,
  DataError,
  DisposedError,
  FormatError,
  GraphError,
  MismatchError,
  NonFiniteError,
  NumericsError,
  ShapeError,
  ThreadError,
  UnsupportedError,
  VariableError,
  WasmGanError,
  type ErrorCode,
} from "./errors.ts";
export type { SafetensorsTensor } from "./formats/safetensors.ts";
export { NUMERICS_VERSION } from "./numerics-version.ts";
export type { Dim, Padding, PartialShape, Shape } from "./shape.ts";
export type { Pair } from "./window.ts";
