/** How much a comment tells; what does not fit is told on the next rung. */
export interface Rung {
  /** Something is left out. */
  readonly isShort: boolean;
  /** Every step of every VM, folded. */
  readonly fullText: boolean;
  /** Rows of VMs that only are synchronised. */
  readonly harmless: boolean;
  /** Rows of VMs that are blocked or cut over; the others of them are named below the tables. */
  readonly rows: number;
  /** Whether only as many are named as have room. */
  readonly namesCut: boolean;
  /** Equal diagnostics, and notes. */
  readonly groups: number;
  /** Of a name. */
  readonly characters: number;
}

export const rungs: readonly [Rung, ...Rung[]] = [
  {
    isShort: false,
    fullText: true,
    harmless: true,
    rows: Number.POSITIVE_INFINITY,
    namesCut: false,
    groups: 200,
    characters: 100,
  },
  {
    isShort: true,
    fullText: false,
    harmless: true,
    rows: Number.POSITIVE_INFINITY,
    namesCut: false,
    groups: 50,
    characters: 100,
  },
  {
    isShort: true,
    fullText: false,
    harmless: false,
    rows: Number.POSITIVE_INFINITY,
    namesCut: false,
    groups: 20,
    characters: 80,
  },
  { isShort: true, fullText: false, harmless: false, rows: 200, namesCut: false, groups: 20, characters: 60 },
  // Entities take up to nine characters each: 20 rows and 8 groups of these lengths always fit, and names take the room that is left.
  { isShort: true, fullText: false, harmless: false, rows: 20, namesCut: true, groups: 8, characters: 40 },
];
