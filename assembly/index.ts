// The kernel ABI: every function the engine can call. Re-exports only.
export { fill } from "./elementwise/fill";
export { gemm, gemmWide } from "./gemm/gemm";
export { gemmPanelsTransposed, gemmPanelsTransposedWide } from "./gemm/gemm-panels-transposed";
export { matrixTimesVector } from "./gemm/matrix-times-vector";
export { compressRows } from "./gemm/sparse-rows";
export {
  sparseTimesPanels,
  sparseTimesPanelsWide,
  sparseTimesPanelsTransposed,
  sparseTimesPanelsTransposedWide,
} from "./gemm/sparse-times-panels";
export { transposedTimesSparse, transposedTimesSparseWide } from "./gemm/transposed-times-sparse";
export { packPanels } from "./gemm/pack-panels";
export { unpackPanels } from "./gemm/unpack-panels";
export { multiplyAddLoop } from "./bench/multiply-add-loop";
export { addBias } from "./elementwise/add-bias";
export { add, div, equal, greaterEqual, maximum, mul, sub } from "./elementwise/binary";
export { gelu, geluGrad } from "./elementwise/gelu";
export { absGrad, leakyReluGrad, reluGrad, sigmoidGrad, tanhGrad } from "./elementwise/gradients";
export { stridedAccumulate, stridedCopy, stridedStore } from "./elementwise/strided";
export { exp, log, sigmoid, softplus, tanh } from "./elementwise/transcendental";
export { abs, copy, leakyRelu, neg, relu, scale, sqrt, square } from "./elementwise/unary";
export { col2im } from "./conv/col2im";
export { channelSquares } from "./conv/channel-squares";
export { filterMagnitudes } from "./conv/filter-magnitudes";
export { flipFilter } from "./conv/flip-filter";
export { im2col } from "./conv/im2col";
export { mapFilter } from "./conv/map-filter";
export { maskOccupancy, occupancy } from "./conv/occupancy";
export { windowMagnitudes } from "./conv/window-magnitudes";
export { fftFilter } from "./fft/filter-transform";
export { fftFilterGrad } from "./fft/filter-grad-transform";
export { fftInput } from "./fft/input-transform";
export { fftOutput } from "./fft/output-transform";
export { fftOutputGrad } from "./fft/output-grad-transform";
export { winogradFilter } from "./winograd/filter-transform";
export { winogradFilterGrad } from "./winograd/filter-grad-transform";
export { winogradInput } from "./winograd/input-transform";
export { winogradOutput } from "./winograd/output-transform";
export { winogradOutputGrad } from "./winograd/output-grad-transform";
export { avgPool, avgPoolGrad } from "./pool/avg-pool";
export { maskedAvgPool } from "./pool/masked-avg-pool";
export { maskedAvgPoolGrad } from "./pool/masked-avg-pool-grad";
export { maskedAvgPoolGradSums } from "./pool/masked-avg-pool-grad-sums";
export { maxPool, maxPoolGrad } from "./pool/max-pool";
export { sumAxis } from "./reduce/sum-axis";
export { maxAxis } from "./reduce/max-axis";
export { batchNorm } from "./batch-norm/batch-norm";
export { batchNormGrad } from "./batch-norm/batch-norm-grad";
export { batchNormGradSums } from "./batch-norm/batch-norm-grad-sums";
export { columnMoments } from "./batch-norm/column-moments";
export { columnSums } from "./batch-norm/column-sums";
export { combineMoments } from "./batch-norm/combine-moments";
export { sigmoidCrossEntropy, sigmoidCrossEntropyGrad } from "./losses/sigmoid-cross-entropy";
export { softmaxCrossEntropy, softmaxCrossEntropyGrad } from "./losses/softmax-cross-entropy";
export { adam } from "./optim/adam";
export { rmsprop } from "./optim/rmsprop";
export { sgd } from "./optim/sgd";
export { resizeBilinear, resizeBilinearGrad } from "./resize/bilinear";
export { normal, truncatedNormal } from "./random/normal";
