import { describe, expect, test } from 'vitest';
import { eventually } from '../../eventually.js';
import { held, NovaFixture, SERVER } from './nova-fixture.js';
import { refusalOf } from './refusal-of.js';

describe('slots', () => {
  const never = new AbortController().signal;

  test('work waits for other work of this process, in order, all or nothing', async () => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open({ maxVolumes: 4 });
    const [a, b, c, d] = [fixture.plant(), fixture.plant(), fixture.plant(), fixture.plant()];
    const order: string[] = [];
    const first = await provider.takeSlots!([a], never);
    const second = await provider.takeSlots!([b], never);
    const both = provider.takeSlots!([c, d], never).then((slots) => {
      order.push('both');
      return slots;
    });
    const last = provider.takeSlots!([a], never).then((slots) => {
      order.push('last');
      return slots;
    });
    // What is on the host has been counted for the third time, and whatever follows from it had its time.
    await eventually(() => expect(fixture.cloud.count('GET', /os-volume_attachments/)).toBe(3));
    await provider.readVolume(a);
    expect(order).toEqual([]);
    await first[Symbol.asyncDispose]();
    await both;
    expect(order).toEqual(['both']);
    await second[Symbol.asyncDispose]();
    await (await last)[Symbol.asyncDispose]();
    expect(order).toEqual(['both', 'last']);
  });

  test('what others have attached counts; when even all our work ending made no room, it is said at once', async () => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open({ maxVolumes: 2 });
    const { said, error } = await refusalOf(provider.takeSlots!([fixture.plant(), fixture.plant()], never));
    expect(said).toBe(
      `held MP4002 conversion host ${SERVER} has 1 other volumes, and 2 more would be over maxVolumes, which is 2`,
    );
    expect(error.details.nextSteps?.[0]).toContain('raise maxVolumes');
  });

  test('a volume that is there already takes no slot of its own', async () => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open({ maxVolumes: 2 });
    const volume = fixture.plant();
    await held(provider, volume);
    await (await provider.takeSlots!([volume], never))[Symbol.asyncDispose]();
  });

  test('who waits can be interrupted', async () => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open({ maxVolumes: 2 });
    await provider.takeSlots!([fixture.plant()], never);
    const abort = new AbortController();
    const waiting = provider.takeSlots!([fixture.plant()], abort.signal);
    abort.abort();
    await expect(waiting).rejects.toThrow('aborted');
  });

  test('who waits behind others can be interrupted, and takes nothing from them', async () => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open({ maxVolumes: 2 });
    const first = await provider.takeSlots!([fixture.plant()], never);
    const second = provider.takeSlots!([fixture.plant()], never);
    const abort = new AbortController();
    const third = provider.takeSlots!([fixture.plant()], abort.signal);
    abort.abort();
    await expect(third).rejects.toThrow('aborted');
    await first[Symbol.asyncDispose]();
    await (await second)[Symbol.asyncDispose]();
    await (await provider.takeSlots!([fixture.plant()], never))[Symbol.asyncDispose]();
  });
});
