import { uninterrupted } from '../host/interruption.js';

/** Work failed, and then what it held could not be given back: two troubles, and the second is not the first one's. */
export class AlsoNotGivenBack extends Error {
  override readonly name = 'AlsoNotGivenBack';

  constructor(
    readonly work: unknown,
    readonly givingBack: unknown,
  ) {
    super('work failed, and what it held could not be given back', { cause: work });
  }
}

/** Runs `work`, then gives back what it held, whatever came of it, also when somebody said stop. When both fail, both are thrown. */
export async function thenGiveBack<T>(work: () => Promise<T>, giveBack: () => Promise<void>): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    return failing(error, giveBack);
  }
  await uninterrupted(giveBack);
  return result;
}

/** Gives back what was held when work failed, and throws why it did. */
export async function failing(error: unknown, giveBack: () => Promise<void>): Promise<never> {
  try {
    await uninterrupted(giveBack);
  } catch (second) {
    throw new AlsoNotGivenBack(error, second);
  }
  throw error;
}

/** All of these, whatever becomes of the others; then every failure is thrown. */
export async function inTurn(steps: readonly (() => Promise<void>)[]): Promise<void> {
  let failure: unknown;
  let hasFailed = false;
  for (const step of steps) {
    await step().catch((error: unknown) => {
      failure = hasFailed ? new AlsoNotGivenBack(failure, error) : error;
      hasFailed = true;
    });
  }
  if (hasFailed) throw failure;
}
