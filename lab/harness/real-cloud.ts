import { execFile } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { type Answer, type ConformanceClient, connectClient, type ServiceType } from '../openstack-sim/conformance/client.js';
import { projectRoot } from './project-root.js';

const run = promisify(execFile);
const PAUSE_MS = 300;
const CONSOLE_PAUSE_MS = 2000;

/** Entries of the lab's clouds.yaml that log in by password; `lab` is a plain member. */
export type LabCloudEntry = 'lab' | 'lab-reader' | 'lab-other' | 'lab-old' | 'lab-old-reader' | 'lab-admin' | 'lab-appcred';

export interface RealVolume {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly bootable: boolean;
  readonly encrypted: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly imageMetadata: Readonly<Record<string, string>>;
}

interface Endpoints {
  readonly authUrl: string;
  readonly cephConf: string;
  readonly cephUser: string;
  readonly libvirtUri: string;
  /** TCP ports of 127.0.0.1 by which clients reach the services and Ceph. */
  readonly clientPorts: readonly number[];
  readonly state: string;
}

/** Project demo; project other, for what is tried at the same time; project old, which plays an older cloud on a pool of its own. */
export type RealProject = 'lab' | 'lab-other' | 'lab-old';
const POOLS: Readonly<Record<RealProject, string>> = { lab: 'volumes', 'lab-other': 'volumes', 'lab-old': 'volumes-old' };

/** A project of lab/openstack, which must be up: what its APIs, its Ceph and its libvirt know, and the cloud's switches. */
export class RealCloud {
  private constructor(
    readonly endpoints: Endpoints,
    readonly entry: RealProject,
    private member: ConformanceClient,
  ) {}

  static async open(entry: RealProject = 'lab'): Promise<RealCloud> {
    const endpoints = JSON.parse(await readFile(join(await stateFolder(), 'endpoints.json'), 'utf8')) as Endpoints;
    return new RealCloud(endpoints, entry, await login(endpoints, entry));
  }

  get cloudsFile(): string {
    return join(this.endpoints.state, 'clouds.yaml');
  }

  /** How a project reaches volumes here, as YAML. */
  get access(): string {
    const { cephConf, cephUser } = this.endpoints;
    return `{type: cinder, rbd: {conf: ${cephConf}, user: ${cephUser}}}`;
  }

  /** What migplan finds the entries by. */
  get environment(): Readonly<Record<string, string>> {
    return { OS_CLIENT_CONFIG_FILE: this.cloudsFile };
  }

  /** A client that is logged in as the entry's user. */
  as(entry: Exclude<LabCloudEntry, 'lab-appcred'>): Promise<ConformanceClient> {
    return login(this.endpoints, entry);
  }

  /** As a member of the project; logs in again when the token is not valid any more. */
  async call(service: ServiceType, method: string, path: string, body?: unknown): Promise<Answer> {
    const version = service === 'compute' ? '2.93' : '3.44';
    const send = () => this.member.call(service, method, path, { version, ...(body !== undefined && { body }) });
    const answer = await send();
    if (answer.status !== 401) return answer;
    this.member = await login(this.endpoints, this.entry);
    return send();
  }

  async volumes(): Promise<RealVolume[]> {
    const { body } = await this.call('volumev3', 'GET', '/volumes/detail');
    return body.volumes.map(({ id, name, status, bootable, encrypted, metadata, volume_image_metadata }: Answer['body']) => ({
      id,
      name,
      status,
      bootable: bootable === 'true',
      encrypted,
      metadata,
      imageMetadata: volume_image_metadata ?? {},
    }));
  }

  async volumeNamed(name: string): Promise<RealVolume> {
    const found = (await this.volumes()).find((volume) => volume.name === name);
    if (found === undefined) throw new Error(`the cloud has no volume ${name}`);
    return found;
  }

  /** `server` is undefined for attachments that no server has. */
  async attachments(): Promise<{ readonly id: string; readonly volume: string; readonly server: string | undefined }[]> {
    const { body } = await this.call('volumev3', 'GET', '/attachments');
    return body.attachments.map(({ id, volume_id, instance }: Answer['body']) => ({
      id,
      volume: volume_id,
      server: instance ?? undefined,
    }));
  }

  /** Snapshots of volumes, by name. */
  async snapshots(): Promise<string[]> {
    const { body } = await this.call('volumev3', 'GET', '/snapshots');
    return body.snapshots.map(({ name }: Answer['body']) => name);
  }

  async servers(): Promise<{ readonly id: string; readonly name: string; readonly status: string }[]> {
    return (await this.call('compute', 'GET', '/servers/detail')).body.servers;
  }

  /** Ports of the project; `device_id` is empty when no server uses one. */
  async ports(): Promise<
    { readonly id: string; readonly name: string; readonly mac_address: string; readonly device_id: string }[]
  > {
    return (await this.call('network', 'GET', `/v2.0/ports?project_id=${this.member.projectId}`)).body.ports;
  }

  async consoleOf(server: string): Promise<string> {
    const { body } = await this.call('compute', 'POST', `/servers/${server}/action`, { 'os-getConsoleOutput': {} });
    return body.output ?? '';
  }

  /** Resolves with the console log when it has `text`. It is asked for rarely: the guest needs the same processors. */
  async consoleWith(server: string, text: string, timeoutMs: number): Promise<string> {
    for (let waitedMs = 0; ; waitedMs += CONSOLE_PAUSE_MS) {
      const log = await this.consoleOf(server);
      if (log.includes(text)) return log;
      if (waitedMs > timeoutMs) throw new Error(`no "${text}" on the console of ${server}, which ends:\n${log.slice(-2000)}`);
      await sleep(CONSOLE_PAUSE_MS);
    }
  }

  /** The domain as libvirt runs it, XML. */
  async domainOf(server: string): Promise<string> {
    return (await run('virsh', ['-c', this.endpoints.libvirtUri, 'dumpxml', server])).stdout;
  }

  /** Who has the volume's image open, as Ceph sees it. */
  async watchers(volume: string): Promise<string[]> {
    const { stdout } = await run('rbd', [...this.cephArgs, 'status', this.imageOf(volume), '--format', 'json']);
    return (JSON.parse(stdout).watchers as { address: string }[]).map(({ address }) => address);
  }

  /** Whether somebody has written to the volume's image since it was opened: the exclusive lock is taken by the first write. */
  async isBeingWritten(volume: string): Promise<boolean> {
    const { stdout } = await run('rbd', [...this.cephArgs, 'lock', 'ls', this.imageOf(volume), '--format', 'json']);
    return (JSON.parse(stdout) as unknown[]).length > 0;
  }

  /** Whether the first `bytes` of the volume are the file's, and the rest of the volume reads as zero. */
  async volumeEqualsFile(volume: string, file: string): Promise<boolean> {
    try {
      await run('qemu-img', ['compare', '-q', '-U', '-f', 'raw', '-F', 'raw', file, this.urlOf(volume)]);
      return true;
    } catch (error) {
      if ((error as { code?: number }).code === 1) return false;
      throw error;
    }
  }

  /** Writes a raw file to the begin of the volume, behind the cloud's back. */
  async fillVolume(volume: string, file: string): Promise<void> {
    await run('qemu-img', ['convert', '-n', '-f', 'raw', '-O', 'raw', file, this.urlOf(volume)]);
  }

  /** Runs one of the lab's commands, such as `restart --kill cinder-volume`. Rejects with what it said. */
  async lab(command: 'up' | 'down' | 'restart' | 'quota', ...args: readonly string[]): Promise<string> {
    return (await run(join(projectRoot, 'lab/openstack', command), args)).stdout;
  }

  /** Stops a daemon as it stands, or lets it go on: connections to it are accepted by the kernel, and nobody answers. */
  async freeze(daemon: string, mode: 'stop' | 'go on'): Promise<void> {
    const record = join(this.endpoints.state, 'run', `${daemon}.json`);
    const { pid } = JSON.parse(await readFile(record, 'utf8')) as { pid: number };
    // Each daemon leads a process group of its own.
    process.kill(-pid, mode === 'stop' ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Whether Cinder, Nova and Neutron keep strictly to the roles of their release; otherwise a reader may write, as older rules allowed. */
  async strictRoles(mode: 'on' | 'off'): Promise<void> {
    const env = { ...process.env, MIGPLAN_LAB_STRICT_ROLES: mode };
    await run(join(projectRoot, 'lab/openstack/up'), [], { env });
  }

  /** Ceph's own client with administrator's rights: `ceph osd pool set-quota …`. */
  async ceph(...args: readonly string[]): Promise<string> {
    return (await run('ceph', ['-c', this.endpoints.cephConf, '--name', 'client.admin', ...args])).stdout;
  }

  /** Every token of user demo becomes invalid: its password is set anew, to what it was. */
  async revokeTokens(): Promise<void> {
    const admin = await this.as('lab-admin');
    const { username, password } = (await credentials(this.endpoints, 'lab'))!;
    const { body } = await admin.call('identity', 'GET', `/users?name=${username}`);
    const { status } = await admin.call('identity', 'PATCH', `/users/${body.users[0].id}`, { body: { user: { password } } });
    if (status !== 200) throw new Error(`setting the password anew: ${status}`);
  }

  private imageOf(volume: string): string {
    return `${POOLS[this.entry]}/volume-${volume}`;
  }

  /** For qemu-img. */
  private urlOf(volume: string): string {
    const { cephConf, cephUser } = this.endpoints;
    return `rbd:${this.imageOf(volume)}:conf=${cephConf}:id=${cephUser}`;
  }

  private get cephArgs(): string[] {
    return ['-c', this.endpoints.cephConf, '--id', this.endpoints.cephUser];
  }
}

async function stateFolder(): Promise<string> {
  const { MIGPLAN_LAB_STATE, XDG_CACHE_HOME } = process.env;
  const cache = XDG_CACHE_HOME ? join(XDG_CACHE_HOME, 'migplan-openstack') : '/var/tmp/migplan-openstack';
  return realpath((MIGPLAN_LAB_STATE || cache).replace(/^~/, homedir()));
}

interface PasswordAuth {
  readonly username: string;
  readonly password: string;
  readonly project_name: string;
}

async function credentials({ state }: Endpoints, entry: LabCloudEntry): Promise<PasswordAuth | undefined> {
  const { clouds } = parse(await readFile(join(state, 'clouds.yaml'), 'utf8')) as {
    clouds: Record<string, { auth: PasswordAuth }>;
  };
  return clouds[entry]?.auth;
}

async function login(endpoints: Endpoints, entry: LabCloudEntry): Promise<ConformanceClient> {
  const auth = await credentials(endpoints, entry);
  if (auth === undefined) throw new Error(`clouds.yaml of the lab has no ${entry}`);
  const { username: user, password, project_name: project } = auth;
  return connectClient({ authUrl: endpoints.authUrl, user, password, project }, () => sleep(PAUSE_MS));
}
