import { createLogUpdate } from "log-update";
import type { StepEvent } from "../../gan/train/trainer.ts";
import { duration, grouped } from "./number-text.ts";

/** The least time between two drawings of the line on a terminal. */
const REDRAW_MILLISECONDS = 100;

/** Steps of a phase between two lines in a file or a pipe. */
const STEPS_PER_LINE = 100;

/** Steps over which the speed is averaged. */
const SPEED_WINDOW = 50;

/** The recipe of a training and its numbers of steps. */
export interface ProgressPlan {
  readonly recipe: string;
  readonly pretrain: number;
  readonly steps: number;
}

/**
 * Training's progress on stderr: one line that is redrawn on a terminal, a line every 100 steps elsewhere, or silence.
 */
export class Progress {
  readonly #plan: ProgressPlan;
  readonly #stream: NodeJS.WriteStream;
  readonly #quiet: boolean;
  readonly #redraw: ReturnType<typeof createLogUpdate> | undefined;
  /** The times at which the last steps ended, in milliseconds. */
  readonly #times: number[] = [];
  #drawnAt = 0;
  #line = "";

  constructor(plan: ProgressPlan, stream: NodeJS.WriteStream, quiet: boolean) {
    this.#plan = plan;
    this.#stream = stream;
    this.#quiet = quiet;
    const isTerminal = stream.isTTY && process.env.TERM !== "dumb";
    // The cursor stays visible: hiding it would need handlers that put it back after every kind of end.
    this.#redraw = isTerminal && !quiet ? createLogUpdate(stream, { showCursor: true }) : undefined;
  }

  /** Starts the clock for the first step. `now` is in milliseconds, here and below. */
  begin(now: number): void {
    this.#times.push(now);
  }

  /** A step is done. */
  step(event: StepEvent, now: number): void {
    this.#times.push(now);
    if (this.#times.length > SPEED_WINDOW + 1) this.#times.shift();
    if (this.#quiet) return;
    if (this.#redraw === undefined) {
      if (event.step % STEPS_PER_LINE === 0 || this.#isLast(event)) this.#stream.write(`${this.#describe(event)}\n`);
    } else if (now - this.#drawnAt >= REDRAW_MILLISECONDS || this.#isLast(event)) {
      this.#drawnAt = now;
      this.#line = this.#describe(event);
      this.#redraw(this.#line);
    }
  }

  /** Writes a line that stays. */
  say(text: string): void {
    if (!this.#quiet) this.above(() => this.#stream.write(`${text}\n`));
  }

  /** Shows a line on a terminal until the next output takes its place. */
  wait(text: string): void {
    this.#redraw?.(text);
  }

  /** Writes to the terminal above the line that is redrawn. */
  above(write: () => void): void {
    this.#redraw?.clear();
    write();
    if (this.#line !== "") this.#redraw?.(this.#line);
  }

  /** Leaves the last line standing. */
  end(): void {
    this.#line = "";
    this.#redraw?.done();
  }

  #isLast({ phase, step }: StepEvent): boolean {
    return step + 1 === (phase === "pretrain" ? this.#plan.pretrain : this.#plan.steps);
  }

  #describe({ phase, step, losses }: StepEvent): string {
    const { recipe, pretrain, steps } = this.#plan;
    const [what, total] = phase === "pretrain" ? [" pre-training", pretrain] : ["", steps];
    const left = phase === "pretrain" ? pretrain - step - 1 + steps : steps - step - 1;
    const gLoss = losses.gLoss === undefined ? "" : ` G ${losses.gLoss.toFixed(3)}`;
    return [
      `${recipe}${what} ${grouped(step + 1)}/${grouped(total)}`,
      `D ${losses.dLossReal.toFixed(3)}+${losses.dLossFake.toFixed(3)}${gLoss}`,
      ...this.#speed(left),
    ].join(" | ");
  }

  #speed(stepsLeft: number): string[] {
    const [first, last] = [this.#times[0] ?? 0, this.#times.at(-1) ?? 0];
    if (last <= first) return [];
    const perSecond = ((this.#times.length - 1) * 1000) / (last - first);
    return [`${perSecond.toPrecision(3)}/s`, `${duration(stepsLeft / perSecond)} left`];
  }
}
