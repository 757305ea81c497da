/** Shorter than any usual schedule, so that none is missed; long enough that a plan right after its apply is empty. */
export const syncMaxAgeDefault = '5m';
