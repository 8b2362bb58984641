// Ticks that people count in.

/** From 0 to the first round number that holds all. @param {readonly number[]} values */
export function linearTicks(values) {
  const most = Math.max(...values, Number.MIN_VALUE);
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((each) => each >= rough) ?? rough;
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** Powers of ten around all. @param {readonly number[]} values */
export function decades(values) {
  const known = values.filter((value) => value > 0);
  const least = Math.floor(Math.log10(Math.min(...known)));
  const most = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...known))));
  return Array.from({ length: most - least + 1 }, (_, index) => 10 ** (least + index));
}

/** 64, 1 K, 64 K, 1 M. @param {number} bytes */
export function bytesWord(bytes) {
  if (bytes >= 1 << 20) return `${bytes / (1 << 20)} M`;
  return bytes >= 1024 ? `${bytes / 1024} K` : `${bytes}`;
}

/** 100 µs, 10 ms, 1 s. @param {number} microseconds */
export function timeWord(microseconds) {
  if (microseconds >= 1e6) return `${microseconds / 1e6} s`;
  return microseconds >= 1000 ? `${microseconds / 1000} ms` : `${microseconds} µs`;
}
