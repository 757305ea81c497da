/**
 * Runs `work`, then gives back what it held, whatever came of it. When both fail, what `work` threw is told: it is the cause, and
 * what could not be given back stands in the ledger.
 */
export async function thenGiveBack<T>(work: () => Promise<T>, giveBack: () => Promise<void>): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await giveBack().catch(() => undefined);
    throw error;
  }
  await giveBack();
  return result;
}
