/**
 * What is told of an apply that has ended. finished: something was done, and all of it. failed: it ended otherwise, an interruption too.
 * needs-approval: something waits for somebody to approve it. unchanged: there was nothing to do.
 */
export const notifyEvents = ['finished', 'failed', 'needs-approval', 'unchanged'] as const;

export type NotifyEvent = (typeof notifyEvents)[number];

/** Nobody wants to hear of every night in which nothing was done. */
export const notifyEventsDefault: readonly NotifyEvent[] = ['finished', 'failed', 'needs-approval'];
