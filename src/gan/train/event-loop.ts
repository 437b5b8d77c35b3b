/**
 * Lets the event loop of any platform run between two pieces of synchronous work. Messages to oneself take some
 * microseconds, where a timer takes a millisecond in Node and four in a browser's nested timeouts.
 *
 * A message goes there and back again: Node hands a port up to a thousand messages before anything else runs, so that a
 * port that answers itself would keep signals and timers waiting for a thousand steps.
 */
export class EventLoop {
  readonly #channel = new MessageChannel();
  #resume: (() => void) | undefined;

  constructor() {
    const { port1, port2 } = this.#channel;
    port2.onmessage = () => port2.postMessage(undefined);
    port1.onmessage = () => this.#resume?.();
  }

  /** Resolves after the event loop has gone round: pending signals, timers and input have been handled. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
      this.#channel.port1.postMessage(undefined);
    });
  }

  /** Gives the channel up; an open one would keep a Node process alive. */
  close(): void {
    this.#channel.port1.close();
    this.#channel.port2.close();
  }
}
