// A worker's script in a browser. Its task comes as the first message.
import { workerLoop, type WorkerTask } from "../runtime/threads/worker-loop.ts";

addEventListener(
  "message",
  ({ data }: MessageEvent<WorkerTask>) => {
    workerLoop(data, () => postMessage("ready"));
    close();
  },
  { once: true },
);
