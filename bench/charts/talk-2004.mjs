// The charts of the 2004 talk, read off to about 2 %: 100 Mbit, one writing processor, hardware of 2004. MB/s of payload, MB = 10^6 bytes.

/** KB a write, plain, encrypted. @type {ReadonlyArray<readonly [number, number, number]>} */
export const checkpointWrites = [
  [1, 2.0, 1.55],
  [2, 3.4, 2.6],
  [3, 4.4, 3.5],
  [4, 5.2, 4.2],
  [5, 5.9, 4.9],
  [6, 6.4, 5.4],
  [8, 7.1, 6.0],
  [10, 7.7, 6.75],
  [13, 8.3, 7.4],
  [16, 8.75, 7.9],
  [20, 9.1, 8.4],
  [25, 9.35, 8.7],
  [26, 8.45, 7.65],
  [30, 8.7, 7.9],
  [35, 8.95, 8.2],
];

/** Processors, plain, encrypted. @type {ReadonlyArray<readonly [number, number, number]>} */
export const groupMessaging = [
  [1, 9.55, 8.85],
  [4, 9.55, 8.85],
  [5, 9.5, 8.8],
  [9, 9.5, 8.8],
  [12, 9.5, 8.8],
];
