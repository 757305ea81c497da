/**
 * A point on one disk's CBT timeline. VMware prints it as "<epoch>/<sequence>", the epoch being 16 hex bytes.
 * Two ids with different epochs cannot be compared: tracking started from nothing between them.
 * The text is kept as it came; what is sent back to vCenter is the same text byte for byte.
 */
export interface ChangeId {
  readonly epoch: string;
  readonly sequence: number;
}

/** undefined when the text is not a change id. Callers turn that into a diagnostic, never into "copy nothing". */
export function parseChangeId(text: string): ChangeId | undefined {
  const match = /^([^/]+)\/(0|[1-9]\d*)$/.exec(text);
  if (match === null) return undefined;
  const sequence = Number(match[2]);
  return Number.isSafeInteger(sequence) ? { epoch: match[1]!, sequence } : undefined;
}

export const formatChangeId = (id: ChangeId): string => `${id.epoch}/${id.sequence}`;

/** The last two bytes of the epoch and the sequence, for people: `…65 63/81`. */
export const shortChangeId = (id: ChangeId): string => `…${id.epoch.slice(-5)}/${id.sequence}`;

export const sameEpoch = (a: ChangeId, b: ChangeId): boolean => a.epoch === b.epoch;
