import type { Clock } from '../../host/clock.js';
import type { HttpClient, LockAnswer } from './http-client.js';
import { isShort, type LockInfo, lockInfoOf, shortId, type ToldHolder } from './http-lock-info.js';
import type { StateName } from './http-names.js';

const SHORT_MS_MAX = 10_000;
const DELAY_MS = 200;

/** Takes a lock as HttpClient does. One that is held for a moment only is waited for: ten seconds at most. */
export async function lockPastShort(
  { client, clock }: { readonly client: HttpClient; readonly clock: Clock },
  state: StateName,
  info: LockInfo,
): Promise<LockAnswer> {
  const endMs = clock.monotonicMs() + SHORT_MS_MAX;
  for (;;) {
    const answer = await client.lock(state, info);
    if (answer.kind === 'ours' || !isShort(answer.told.id) || clock.monotonicMs() >= endMs) return answer;
    await clock.sleep(DELAY_MS);
  }
}

/** Asks the server itself: who locks is told who has it. undefined: nobody. */
export async function whoHas(client: HttpClient, state: StateName): Promise<ToldHolder | undefined> {
  const probe = lockInfoOf(shortId(), {}, client.place('state', state));
  const answer = await client.lock(state, probe);
  if (answer.kind === 'held') return answer.told;
  await client.unlock(state, probe);
  return undefined;
}
