/**
 * Lets the event loop of any platform run between two pieces of synchronous work. A message to oneself takes some
 * microseconds, where a timer takes a millisecond in Node and four in a browser's nested timeouts.
 */
export class EventLoop {
  readonly #channel = new MessageChannel();
  #resume: () => void = () => {};

  constructor() {
    this.#channel.port1.onmessage = () => {
      this.#resume();
    };
  }

  /** Resolves after the event loop has gone round: pending signals, timers and input have been handled. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
      this.#channel.port2.postMessage(undefined);
    });
  }

  /** Gives the channel up; an open one would keep a Node process alive. */
  close(): void {
    this.#channel.port1.close();
    this.#channel.port2.close();
  }
}
