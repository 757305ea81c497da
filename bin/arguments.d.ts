export function typed(given: readonly string[]): string[];
