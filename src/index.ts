// wasm-gan: the tutorial's GAN, and the deep-learning engine it is written with. Re-exports only.
export { createGan } from "./gan/gan.ts";
export { recipes, type Recipe, type RecipeName } from "./gan/recipes.ts";
export type {
  DiscriminatorLosses,
  Gan,
  GanOptions,
  GanState,
  GanVariables,
  GeneratorLoss,
  LatentStream,
  LossName,
  Phase,
  TrainerDescription,
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
} from "./gan/train/trainer.ts";
export {
  encodeCheckpoint,
  readCheckpoint,
  stateOf,
  streamCheckpoint,
  type Checkpoint,
  type CheckpointMetadata,
  type CheckpointModel,
  type DataIdentity,
} from "./gan/train/checkpoint.ts";

export { Graph } from "./engine/graph/graph.ts";
export { gradients } from "./engine/graph/gradients.ts";
export type { Initializer } from "./engine/graph/initializer.ts";
export type { Attributes, Inputs, Operation } from "./engine/graph/operation.ts";
export type { Placeholder, Tensor, Variable } from "./engine/graph/tensor.ts";
export type { GraphOptimizer } from "./engine/graph/optimizer-store.ts";
export type { Optimizer, ScalarSeries, Slot, Update } from "./engine/graph/update.ts";
export type { Reuse } from "./engine/graph/variable-store.ts";
export * as nn from "./engine/nn/index.ts";
export * as ops from "./engine/ops/index.ts";
export * as optim from "./engine/optim/index.ts";
export { compile, type CompileOptions } from "./engine/session/compile.ts";
export type { Feeds } from "./engine/session/feeds.ts";
export type { Fetch, Fetched, FetchedAll, Session, SessionVariables } from "./engine/session/session.ts";
export type { OptimizerState } from "./engine/session/optimizer-values.ts";
export type { SessionState } from "./engine/session/state.ts";
export type { RewriteName, RewriteSwitches } from "./engine/compile/rewrites/index.ts";
export type { KernelSource } from "./engine/runtime/kernels.ts";

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
} from "./engine/errors.ts";
export type { SafetensorsFile, SafetensorsTensor } from "./formats/safetensors.ts";
export { NUMERICS_VERSION } from "./engine/numerics-version.ts";
export type { Dim, Padding, PartialShape, Shape } from "./engine/shape.ts";
export type { Pair } from "./engine/window.ts";
