/**
 * Milliseconds for which this process has had a processor. With one thread on an idle machine that is the time on the
 * wall; on a busy machine, where the wall's counts the others' turns as well, it is the one that can be compared.
 */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
