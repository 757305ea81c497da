import { uninterrupted } from '../host/interruption.js';

/** Work failed, and then what it held could not be given back: two troubles, and the second is not the first one's. */
export class AlsoNotReleased extends Error {
  override readonly name = 'AlsoNotGivenBack';

  constructor(
    readonly work: unknown,
    readonly releasing: unknown,
  ) {
    super('work failed, and what it held could not be given back', { cause: work });
  }
}

/** Runs `work`, then gives back what it held, whatever came of it, also when somebody said stop. When both fail, both are thrown. */
export async function releaseAfter<T>(work: () => Promise<T>, release: () => Promise<void>): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    return releaseAndFail(error, release);
  }
  await uninterrupted(release);
  return result;
}

/** Gives back what was held when work failed, and throws why it did. */
export async function releaseAndFail(error: unknown, release: () => Promise<void>): Promise<never> {
  try {
    await uninterrupted(release);
  } catch (second) {
    throw new AlsoNotReleased(error, second);
  }
  throw error;
}

/** All of these, whatever becomes of the others; then every failure is thrown. */
export async function inTurn(steps: readonly (() => Promise<void>)[]): Promise<void> {
  let failure: unknown;
  let hasFailed = false;
  for (const step of steps) {
    await step().catch((error: unknown) => {
      failure = hasFailed ? new AlsoNotReleased(failure, error) : error;
      hasFailed = true;
    });
  }
  if (hasFailed) throw failure;
}
