declare module 'json-diff' {
  /** undefined when equal; changed keys hold {__old, __new}, others carry the suffix __added or __deleted. */
  export function diff(before: unknown, after: unknown): Record<string, unknown> | undefined;
}
