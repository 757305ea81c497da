import pLimit from 'p-limit';
import type { HostCheck } from '../../../contracts/provider.js';
import { isProviderError } from '../../../contracts/provider-error.js';
import type { AttachedVolume } from '../../../contracts/target-provider.js';
import { newUuid } from '../../../host/random.js';
import { type AttachmentId, attachmentId, GiB, type ServerId, type VolumeId } from '../../../model/ids.js';
import type { NovaAccess } from '../config/cloud-config.js';
import type { CloudClient } from '../http/cloud-client.js';
import { createOnce } from '../http/create-once.js';
import { held, notFound, tooSlow } from '../http/errors.js';
import { pollUntil } from '../http/poll.js';
import { getVolume } from '../objects/get-volume.js';
import { AttachSlots } from './attach-slots.js';
import { attachmentsOf, heldOr, listAttachments, refuseShareable, release as releaseFromCinder } from './attachments.js';
import { ConversionServer, type NamedServer } from './conversion-server.js';
import { SERIAL_LENGTH } from './device-facts.js';
import type { DeviceClaim, DeviceHost } from './device-host.js';
import * as novaErrors from './nova-errors.js';
import type { VolumeAttachments } from './volume-attachments.js';

const ATTACH_TIMEOUT_MS = 5 * 60_000;
const DEVICE_TIMEOUT_MS = 60_000;
const DETACH_TIMEOUT_MS = 5 * 60_000;
/** i440fx has 32 PCI slots for everything; about 26 are left for disks. */
export const VOLUMES_MAX = 26;

/**
 * Volumes as disks of a server, which is this machine or one that is reached by ssh. The attachment that Nova makes in Cinder
 * is the lock: nobody deletes, boots or attaches the volume meanwhile, and only Nova ends it.
 */
export class NovaAttachments implements VolumeAttachments {
  private readonly server: ConversionServer;
  private readonly claims = new Map<AttachmentId, DeviceClaim>();
  /** Nova numbers the server's devices one after the other, and answers late when asked for several at once. */
  private readonly oneAtATime = pLimit(1);
  private readonly slots: AttachSlots;

  constructor(
    private readonly client: CloudClient,
    private readonly access: NovaAccess & { readonly byIdDir: string },
    /** Where the disks show. */
    private readonly host: DeviceHost,
  ) {
    const { maxVolumes = VOLUMES_MAX } = access;
    this.server = new ConversionServer(client, access.server);
    this.slots = new AttachSlots({
      max: maxVolumes,
      attached: async () => (await this.server.volumes()).map(({ volume }) => volume),
      tooMany: (asked, others) => novaErrors.tooMany(client, { server: access.server, asked, others, max: maxVolumes }),
    });
  }

  async conversionHost() {
    return { ...(await this.server.find()), volumesMax: this.access.maxVolumes ?? VOLUMES_MAX };
  }

  async checkHost(): Promise<readonly HostCheck[]> {
    return this.host.look(await this.server.find(), this.client.site('conversion host'));
  }

  takeSlots(volumes: readonly VolumeId[], signal: AbortSignal): Promise<AsyncDisposable> {
    return this.slots.take(volumes, signal);
  }

  async reserve(volume: VolumeId, own: readonly AttachmentId[] = []): Promise<AttachmentId> {
    await refuseShareable(this.client, volume);
    const server = await this.server.find();
    const left = await this.leftOver(volume, server, own);
    if (left !== undefined) return left;
    await this.refuseTwin(volume);
    return this.oneAtATime(() => this.attach(volume, server.id));
  }

  /** What a dead run left attached is used as it is: giving it back first could only fail where the guest is slow to let go. */
  private async leftOver(
    volume: VolumeId,
    { id: server }: NamedServer,
    own: readonly AttachmentId[],
  ): Promise<AttachmentId | undefined> {
    const find = async () => (await attachmentsOf(this.client, volume)).find((attachment) => attachment.server === server);
    const left = await find();
    if (left === undefined) return undefined;
    const site = this.client.site('GET /attachments');
    if (!own.includes(left.id)) throw held(site, `volume ${volume} is on the conversion host, and not for this run`);
    const isDetaching = async () => (await getVolume(this.client, volume))?.at('status').text() === 'detaching';
    const settled = await pollUntil(this.client.clock, this.detachTimeoutMs, async () =>
      (await isDetaching()) ? undefined : ((await find()) ?? 'gone'),
    );
    if (settled === undefined)
      throw novaErrors.stuck(this.client, { volume, server: this.access.server, ms: this.detachTimeoutMs });
    return settled === 'gone' ? undefined : settled.id;
  }

  private async attach(volume: VolumeId, server: ServerId): Promise<AttachmentId> {
    const { client } = this;
    const path = `/servers/${server}/os-volume_attachments`;
    const tag = `migplan-${newUuid()}`;
    try {
      return await createOnce({
        clock: client.clock,
        send: async () => {
          const body = { volumeAttachment: { volumeId: volume, tag } };
          const answer = await client.ask({ service: 'compute', method: 'POST', path, body });
          // Told from 2.89 on.
          const told = answer.at('volumeAttachment').at('attachment_id').optionalText();
          return told === undefined ? this.attachmentOn(volume, server) : attachmentId(told);
        },
        find: async () => {
          const made = (await this.server.volumes()).find((entry) => entry.volume === volume);
          if (made === undefined) return undefined;
          if (made.tag === tag) return this.attachmentOn(volume, server);
          throw held(client.site(`POST ${path}`), `volume ${volume} was attached by another run meanwhile`);
        },
      });
    } catch (error) {
      if (!isProviderError(error, 'conflict')) throw error;
      throw await heldOr(client, volume, error);
    }
  }

  /** Nova has it made before it answers. */
  private async attachmentOn(volume: VolumeId, server: ServerId): Promise<AttachmentId> {
    const made = (await attachmentsOf(this.client, volume)).find((attachment) => attachment.server === server);
    if (made === undefined) throw novaErrors.pluggedOut(this.client, { volume, server: this.access.server });
    return made.id;
  }

  async connect(volume: VolumeId, attachment: AttachmentId): Promise<AttachedVolume> {
    // Opened exclusively it is once only, by us too.
    const claim = this.claims.get(attachment) ?? (await this.claimInUse(volume, attachment));
    this.claims.set(attachment, claim);
    const { block, broken } = claim;
    return { attachment, volume, block, ...(broken !== undefined && { broken }) };
  }

  private async claimInUse(volume: VolumeId, attachment: AttachmentId): Promise<DeviceClaim> {
    await this.untilInUse(volume, attachment);
    await this.refuseTwin(volume);
    const { client, host } = this;
    const { byIdDir, deviceTimeoutMs: timeoutMs = DEVICE_TIMEOUT_MS } = this.access;
    const site = client.site(`volume ${volume}`);
    const answer = await getVolume(client, volume);
    if (answer === undefined) throw notFound(site, `volume ${volume} is gone`);
    const expected = { volume, size: answer.at('size').gibibytes() * GiB, encrypted: answer.at('encrypted').flag() };
    const claim = await host.claim(expected, { site, timeoutMs });
    if (!('none' in claim)) return claim;
    const server = await this.server.find();
    throw novaErrors.noDevice(client, {
      volume,
      server,
      byIdDir,
      ms: timeoutMs,
      machine: claim.machine,
      description: host.description,
    });
  }

  /** Nova answers before the guest has the disk; one that does not fit is taken back without a word. */
  private async untilInUse(volume: VolumeId, attachment: AttachmentId): Promise<void> {
    const { client } = this;
    const settled = await pollUntil(client.clock, ATTACH_TIMEOUT_MS, async () => {
      const isThere = (await attachmentsOf(client, volume)).some(({ id }) => id === attachment);
      if (!isThere) return 'gone';
      return (await getVolume(client, volume))?.at('status').text() === 'in-use' ? 'there' : undefined;
    });
    if (settled === 'gone') throw novaErrors.pluggedOut(client, { volume, server: this.access.server });
    if (settled === undefined)
      throw tooSlow(client.site(novaErrors.CALL), `volume ${volume} is not in use after ${ATTACH_TIMEOUT_MS / 1000} s`);
  }

  /** Two volumes whose ids begin alike have the same name in the by-id folder, so neither can be told by it. */
  private async refuseTwin(volume: VolumeId): Promise<void> {
    const start = volume.slice(0, SERIAL_LENGTH);
    const twin = (await this.server.volumes()).find((entry) => entry.volume !== volume && entry.volume.startsWith(start));
    if (twin !== undefined) throw novaErrors.twins(this.client, { volume, twin: twin.volume });
  }

  async release(attachment: AttachmentId): Promise<void> {
    await this.claims.get(attachment)?.close();
    this.claims.delete(attachment);
    const found = (await listAttachments(this.client)).find(({ id }) => id === attachment);
    if (found === undefined) return;
    // Without a server it was left by a run that had access of type cinder; on another server, by one with another conversion host.
    if (found.server === undefined) return releaseFromCinder(this.client, attachment);
    await this.detach(found.volume, attachment, found.server);
  }

  /** A guest that does not let go in time shows as a volume that is in use again; it is asked again until the time is over. */
  private async detach(volume: VolumeId, attachment: AttachmentId, server: ServerId): Promise<void> {
    const { client } = this;
    const path = `/servers/${server}/os-volume_attachments/${volume}`;
    const isFree = await pollUntil(client.clock, this.detachTimeoutMs, async () => {
      const isThere = (await attachmentsOf(client, volume)).some(({ id }) => id === attachment);
      const status = (await getVolume(client, volume))?.at('status').text();
      if (!isThere && status !== 'detaching') return true;
      if (status === 'in-use') await this.askToDetach(path);
      return undefined;
    });
    if (!isFree) throw novaErrors.stuck(client, { volume, server: this.access.server, ms: this.detachTimeoutMs });
  }

  /** What is under way already, or forbidden while the server is busy, shows in the volume's status. */
  private async askToDetach(path: string): Promise<void> {
    try {
      await this.client.tell({ service: 'compute', method: 'DELETE', path });
    } catch (error) {
      if (!isProviderError(error, 'not-found', 'conflict')) throw error;
    }
  }

  private get detachTimeoutMs(): number {
    return this.access.detachTimeoutMs ?? DETACH_TIMEOUT_MS;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const claim of this.claims.values()) await claim.close();
    this.claims.clear();
  }
}
