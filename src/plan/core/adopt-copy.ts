import type { ObservedLocal } from '../../model/observed.js';

/** What leads out when the state folder is a copy: only a person can know that the runs it speaks of are over. */
export const adoptCopy = ({ copied }: ObservedLocal): readonly string[] =>
  copied === undefined
    ? []
    : [`this state folder was copied from another place, so it does not prove that its runs are over; if they are: rm ${copied}`];
