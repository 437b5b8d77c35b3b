/**
 * Milliseconds for which this process has had a processor. With one thread on an idle machine that is the time on the
 * wall. On a busy machine the wall's time counts other processes too, and only this one can be compared.
 */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
