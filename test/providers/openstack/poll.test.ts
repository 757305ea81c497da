import { expect, test } from 'vitest';
import { systemClock } from '../../../src/host/clock.js';
import { interruptible } from '../../../src/host/interruption.js';
import { pollUntil } from '../../../src/providers/openstack/http/poll.js';
import { MovingClock } from './moving-clock.js';

test('a cloud that is asked again and again is asked no more after Ctrl-C', async () => {
  const abort = new AbortController();
  let asked = 0;
  const polling = interruptible(abort.signal, () =>
    pollUntil(systemClock, 600_000, async () => {
      asked += 1;
      abort.abort();
      return undefined;
    }),
  );
  await expect(polling).rejects.toMatchObject({ name: 'AbortError' });
  expect(asked).toBe(1);
});

test('a clock that jumps hours ahead does not end the time of a wait', async () => {
  const clock = new MovingClock();
  let asked = 0;
  const done = await pollUntil(clock, 60_000, async () => {
    asked += 1;
    clock.jump(5 * 3_600_000);
    return asked === 5 ? 'done' : undefined;
  });
  expect(done).toBe('done');
});
