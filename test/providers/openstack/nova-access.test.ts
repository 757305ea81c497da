import { readlink, truncate } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { type AttachmentId, attachmentId, volumeId } from '../../../src/model/ids.js';
import { held, NovaFixture, SERVER } from './nova-fixture.js';
import { refusalOf } from './refusal-of.js';

const POST = { service: 'compute', method: 'POST', path: '/os-volume_attachments$' } as const;
const DELETE = { service: 'compute', method: 'DELETE', path: '/os-volume_attachments/' } as const;

describe('attaching', () => {
  test('the volume becomes a disk of the conversion host, found by its serial, and nobody else gets it', async () => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open();
    const volume = fixture.plant();
    const { attachment, block } = await held(provider, volume);
    expect(block).toEqual({ driver: 'file', path: await readlink(fixture.link(volume)) });
    expect(fixture.host.volumeIds).toContain(volume);
    expect(fixture.holders(volume)).toEqual(['attached by nova']);
    expect((await provider.readVolume(volume))?.attachments).toEqual([{ id: attachment, server: fixture.host.id }]);
    const cinder = await refusalOf((await fixture.cloud.open()).reserve(volume));
    expect(cinder.said).toBe(`held MP4002 volume ${volume} is in-use by server ${fixture.host.id}`);

    await provider.release(attachment);
    await provider.release(attachment);
    expect([fixture.status(volume), fixture.host.volumeIds.length]).toEqual(['available', 1]);
  });

  test('the server may be named by its id; one that is not there is said', async () => {
    const fixture = await NovaFixture.start();
    await held(await fixture.open({ server: fixture.host.id }), fixture.plant());
    const { said } = await refusalOf((await fixture.open({ server: 'other' })).reserve(fixture.plant()));
    expect(said).toBe("not-found MP4006 there is no conversion host: the project has no server 'other'");
  });

  test('observe tells the host and what is on it', async () => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open({ maxVolumes: 7 });
    const volume = fixture.plant();
    await held(provider, volume);
    const { conversionHost } = await provider.observe();
    expect(conversionHost).toMatchObject({ server: fixture.host.id, name: SERVER, volumesMax: 7 });
    expect(new Set(conversionHost?.volumes)).toEqual(new Set(fixture.host.volumeIds));
    expect((await (await fixture.cloud.open()).observe()).conversionHost).toBeUndefined();
  });

  test.each(['before', 'after'] as const)('an answer lost %s the work leaves one attachment', async (when) => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open();
    const volume = fixture.plant();
    fixture.cloud.sim.control.addFault({ ...POST, nth: 1, ...(when === 'after' && { when }), do: { drop: true } });
    const { attachment } = await held(provider, volume);
    expect(fixture.cloud.sim.control.attachments().filter((entry) => entry.volumeId === volume)).toMatchObject([
      { id: attachment },
    ]);
  });

  test('a lost answer does not make another run’s attachment ours', async () => {
    const fixture = await NovaFixture.start();
    const volume = fixture.plant();
    const other = await fixture.open();
    let theirs: Promise<AttachmentId> | undefined;
    const sleep = async (ms: number): Promise<void> => {
      theirs ??= other.reserve(volume);
      await theirs;
      await fixture.cloud.clock.sleep(ms);
    };
    const ours = await fixture.cloud.open(
      { access: { type: 'nova', server: SERVER, byIdDir: fixture.byIdDir } },
      { now: () => fixture.cloud.clock.now(), monotonicMs: () => fixture.cloud.clock.monotonicMs(), sleep },
    );
    fixture.cloud.sim.control.addFault({ ...POST, nth: 1, do: { drop: true } });
    expect((await refusalOf(ours.reserve(volume))).said).toBe(
      `held MP4002 volume ${volume} was attached by another run meanwhile`,
    );
    expect(fixture.cloud.sim.control.attachments().at(-1)).toMatchObject({ id: await theirs });
    await ours[Symbol.asyncDispose]();
  });

  test('a q35 host without a free slot: Nova says yes, and the disk is not there', async () => {
    const fixture = await NovaFixture.start({ host: { machineType: 'q35' } });
    const provider = await fixture.open();
    await held(provider, fixture.plant());
    const second = fixture.plant();
    const { said, error } = await refusalOf(held(provider, second));
    expect(said).toBe(`failed MP4011 Nova took volume ${second} and gave it back: server ${SERVER} did not get the disk`);
    expect(error.details.nextSteps?.join()).toContain('num_pcie_ports');
    expect(fixture.status(second)).toBe('available');
  });

  test('a volume that somebody else has is held, and a multiattach type is no lock', async () => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open();
    const volume = fixture.plant();
    const theirs = await (await fixture.cloud.open()).reserve(volume);
    expect((await refusalOf(provider.reserve(volume))).said).toBe(
      `held MP4002 volume ${volume} is reserved by attachment ${theirs}`,
    );
    expect((await refusalOf(provider.reserve(fixture.plant({ volumeType: 'shared' })))).said).toMatch(/^unsupported/);
  });

  test('the disk that the host boots from is never taken', async () => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open();
    const root = volumeId(fixture.host.volumeIds[0]!);
    expect((await refusalOf(provider.reserve(root))).said).toBe(
      `held MP4002 volume ${root} is on the conversion host, and not for this run`,
    );
    await provider.release(attachmentId('00000000-0000-4000-8000-000000000000'));
    expect(fixture.status(root)).toBe('in-use');
  });

  test('two volumes whose ids begin alike cannot be told apart', async () => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open();
    const [one, two] = ['c0ffee00-1111-4222-8333-444455556666', 'c0ffee00-1111-4222-8333-999999999999'].map((id) =>
      fixture.plant({ id }),
    );
    await held(provider, one!);
    const { said } = await refusalOf(provider.reserve(two!));
    expect(said).toMatch(/^failed MP4011 the ids of volumes \S+ and \S+ begin with the same 20 characters/);
    expect(fixture.status(two!)).toBe('available');
  });
});

describe('what a dead run left', () => {
  test('is used as it is', async () => {
    const fixture = await NovaFixture.start();
    const volume = fixture.plant();
    const dead = await fixture.open();
    const { attachment } = await held(dead, volume);
    await dead[Symbol.asyncDispose]();
    fixture.cloud.sim.control.clearCalls();
    const provider = await fixture.open();
    expect((await held(provider, volume, [attachment])).attachment).toBe(attachment);
    expect(fixture.cloud.count('POST', /os-volume_attachments/)).toBe(0);
    await provider.release(attachment);
    expect(fixture.status(volume)).toBe('available');
  });

  test('is looked at again: a device of the wrong size is not written', async () => {
    const fixture = await NovaFixture.start();
    const volume = fixture.plant();
    const { attachment } = await held(await fixture.open(), volume);
    await truncate(await readlink(fixture.link(volume)), 2 ** 20);
    expect((await refusalOf(held(await fixture.open(), volume, [attachment]))).said).toContain('but it has 1048576 bytes');
  });

  test('a detach that was under way is waited for, then the volume is attached anew', async () => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open();
    const volume = fixture.plant();
    const { attachment } = await held(provider, volume);
    fixture.cloud.sim.control.changeVolume(volume, { status: 'detaching' });
    const again = provider.reserve(volume, [attachment]);
    fixture.cloud.sim.control.changeVolume(volume, { status: 'in-use' });
    expect(await again).toBe(attachment);
  });

  test('what is not known to be ours is another run’s', async () => {
    const fixture = await NovaFixture.start();
    const volume = fixture.plant();
    await held(await fixture.open(), volume);
    expect((await refusalOf((await fixture.open()).reserve(volume))).said).toMatch(/^held MP4002 .* not for this run/);
  });

  test('a reservation made with access cinder is given back too', async () => {
    const fixture = await NovaFixture.start();
    const volume = fixture.plant();
    const attachment = await (await fixture.cloud.open()).reserve(volume);
    await (await fixture.open()).release(attachment);
    expect(fixture.status(volume)).toBe('available');
  });
});

describe('detaching', () => {
  test('a guest that never lets go: a bound, an error that says what to do, and the volume is still ours', async () => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open();
    const volume = fixture.plant();
    const { attachment } = await held(provider, volume);
    fixture.cloud.sim.control.setHypervisor({ guestsAnswerDetach: false });
    const { said, error } = await refusalOf(provider.release(attachment));
    expect(said).toBe(
      `failed MP4012 server ${SERVER} has not let go of volume ${volume} after 300 s; what the volume holds is what its record says, and migplan still counts it as its own`,
    );
    expect(error.details.nextSteps).toEqual([
      expect.stringContaining(`openstack server remove volume ${SERVER} ${volume}`),
      expect.stringContaining('Restart the conversion host'),
      expect.stringContaining('run again'),
    ]);
    expect(fixture.cloud.count('DELETE', /os-volume_attachments/)).toBeGreaterThan(1);
    expect((await held(await fixture.open(), volume, [attachment])).attachment).toBe(attachment);

    fixture.cloud.sim.control.setHypervisor({ guestsAnswerDetach: true });
    await provider.release(attachment);
    expect(fixture.status(volume)).toBe('available');
  });

  test('is asked for again when the answer is lost or the server is busy', async () => {
    const fixture = await NovaFixture.start();
    const provider = await fixture.open();
    const [one, two] = [fixture.plant(), fixture.plant()];
    const holds = [await held(provider, one), await held(provider, two)];
    fixture.cloud.sim.control.addFault({ ...DELETE, nth: 1, when: 'after', do: { drop: true } });
    await provider.release(holds[0]!.attachment);
    fixture.cloud.sim.control.addFault({ ...DELETE, nth: 1, do: { status: 409, message: 'task_state rebooting' } });
    await provider.release(holds[1]!.attachment);
    expect([fixture.status(one), fixture.status(two)]).toEqual(['available', 'available']);
  });
});
