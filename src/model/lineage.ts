/** What a state is called by, in snapshots and on volumes, where few characters are taken. migplan makes a UUID; whoever edits one may not. */
export const isLineage = (text: string): boolean => /^[\w.-]{1,64}$/.test(text);
