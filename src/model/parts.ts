/** One part of a work: reports by itself how far it is, from 0. */
export interface Part {
  /** More than the part has counts as all of it. */
  report(bytes: number): void;
  /** All of it is done. */
  finish(): void;
}

/** Bytes of a work whose parts are done one after the other: `onBytes` gets what is done of all of it, and never less than before. */
export function partsOf(onBytes: (done: number) => void): (bytes: number) => Part {
  let before = 0;
  return (bytes) => ({
    report: (done) => onBytes(before + Math.min(done, bytes)),
    finish: () => {
      before += bytes;
      onBytes(before);
    },
  });
}
