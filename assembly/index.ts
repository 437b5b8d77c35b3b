// The kernel ABI: every function the engine can call. Re-exports only.
export { fill } from "./elementwise/fill";
