// A worker's script in Node.
import { parentPort, workerData } from "node:worker_threads";
import { workerLoop, type WorkerTask } from "../runtime/threads/worker-loop.ts";

workerLoop(workerData as WorkerTask, () => parentPort!.postMessage("ready"));
