/** A volume as openstack-sim tells it, whoever owns it. */
export interface CloudVolume {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly sizeGiB: number;
  readonly bootable: boolean;
  readonly file: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly imageMetadata: Readonly<Record<string, string>>;
  readonly attachmentIds: readonly string[];
}

export interface CloudServer {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly volumeIds: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly domain: {
    readonly machineType: string;
    readonly disks: readonly { readonly serial: string }[];
    readonly interfaces: readonly { readonly macAddress: string }[];
  };
}

/** openstack-sim's control service. */
export class CloudControl {
  constructor(private readonly url: string) {}

  volumes(): Promise<CloudVolume[]> {
    return this.call('GET', '/volumes');
  }
  servers(): Promise<CloudServer[]> {
    return this.call('GET', '/servers');
  }
  /** Attributes of a server as Nova shows them, such as `{status: 'SHUTOFF'}`. */
  giveServer(id: string, attributes: Readonly<Record<string, unknown>>): Promise<CloudServer> {
    return this.call('PATCH', `/servers/${id}`, attributes);
  }
  attachments(): Promise<
    { readonly id: string; readonly volumeId: string; readonly heldByNova: boolean; readonly instanceId: string | null }[]
  > {
    return this.call('GET', '/attachments');
  }
  snapshots(): Promise<{ readonly id: string; readonly name: string; readonly volumeId: string; readonly file: string }[]> {
    return this.call('GET', '/snapshots');
  }
  /** Bytes of volumes as they were when their metadata claimed to be complete. */
  claims(): Promise<
    {
      readonly number: number;
      readonly volumeId: string;
      readonly name: string;
      readonly metadata: Readonly<Record<string, string>>;
      readonly file: string;
    }[]
  > {
    return this.call('GET', '/claims');
  }
  forgetClaim(number: number): Promise<unknown> {
    return this.call('DELETE', `/claims/${number}`);
  }
  /** Every snapshot that was ever taken, with its bytes. */
  frozenVolumes(): Promise<{ readonly name: string; readonly volumeId: string; readonly file: string }[]> {
    return this.call('GET', '/frozen-volumes');
  }
  ports(): Promise<{ readonly id: string; readonly macAddress: string; readonly deviceId: string }[]> {
    return this.call('GET', '/ports');
  }
  calls(): Promise<{ readonly service: string; readonly method: string; readonly path: string; readonly status: number }[]> {
    return this.call('GET', '/calls');
  }
  createVolume(volume: Readonly<Record<string, unknown>>): Promise<CloudVolume> {
    return this.call('POST', '/volumes', volume);
  }
  changeVolume(id: string, change: Readonly<Record<string, unknown>>): Promise<CloudVolume> {
    return this.call('PATCH', `/volumes/${id}`, change);
  }
  deleteVolume(id: string): Promise<unknown> {
    return this.call('DELETE', `/volumes/${id}`);
  }
  addFault(rule: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.call('POST', '/faults', rule);
  }
  clearFaults(): Promise<unknown> {
    return this.call('DELETE', '/faults');
  }
  clearCalls(): Promise<unknown> {
    return this.call('DELETE', '/calls');
  }
  /** Every token given out so far becomes unknown. */
  expireTokens(): Promise<unknown> {
    return this.call('DELETE', '/tokens');
  }
  /** What the compute host can do, such as `{guestsAnswerDetach: false}`. */
  setHypervisor(change: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.call('PATCH', '/hypervisor', change);
  }
  setQuota(project: string, quota: Readonly<Record<string, number>>): Promise<unknown> {
    return this.call('PATCH', `/quotas/${project}`, quota);
  }

  async volumeNamed(name: string): Promise<CloudVolume> {
    const found = (await this.volumes()).find((volume) => volume.name === name);
    if (found === undefined) throw new Error(`the cloud has no volume ${name}`);
    return found;
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const value = (await answer.json()) as T & { error?: string };
    if (!answer.ok) throw new Error(`openstack-sim ${method} ${path}: ${value.error}`);
    return value;
  }
}
