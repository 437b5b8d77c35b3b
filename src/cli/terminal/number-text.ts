/** An integer with commas between its thousands: 100,000. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Seconds in the units that people use: 8 s, 12 min 5 s, 10 h 58 min, 3 d 4 h. */
export function duration(seconds: number): string {
  const units: [number, string][] = [
    [86400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const whole = Math.ceil(seconds);
  const first = units.findIndex(([size]) => whole >= size);
  if (first === -1) return "0 s";
  let rest = whole;
  const parts = units.slice(first, first + 2).map(([size, name]): string => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? `${count} ${name}` : "";
  });
  return parts.filter((part) => part !== "").join(" ");
}

/** Bytes in MiB: 43.2 MiB. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

/** A date and its time in this machine's time zone: 2025-11-23 14:20:31. */
export function localTime(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}
