/** What a source's account does with its privileges. */
export type SourceUse = 'observe' | 'track' | 'copy' | 'power-off';
