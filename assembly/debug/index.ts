// What only the debug build exports, beside the kernels: parts of kernels that tests call by themselves.
export { philox } from "./philox";
export { sinCos } from "./sin-cos";
export { blockSteps } from "../gemm/block";
