const waited = new Map<string, number>();

/** Counts the time until the work ends to what is being waited for, under this name. */
export async function countedAs<T>(what: string, work: Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work;
  } finally {
    waited.set(what, (waited.get(what) ?? 0) + performance.now() - began);
  }
}

/** Name, and ms, of what was waited for since the last call. Waits that overlap are all counted. */
export function takeWaits(): Record<string, number> {
  const taken = Object.fromEntries(waited);
  waited.clear();
  return taken;
}
