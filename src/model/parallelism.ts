/** Migrations that an apply works on at the same time, unless it is told otherwise. */
export const PARALLELISM_DEFAULT = 2;
