/**
 * refused: it is not any more what was reviewed, and nothing was done. locked: another run works on it, and nothing was done.
 * blocked: the plan itself left it out. not-approved: it cannot be undone, and nobody approved it.
 */
export const migrationResults = [
  'done',
  'failed',
  'refused',
  'interrupted',
  'not-started',
  'locked',
  'blocked',
  'not-approved',
] as const;

export type MigrationResult = (typeof migrationResults)[number];
