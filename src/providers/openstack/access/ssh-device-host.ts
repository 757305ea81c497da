import { createConnection } from 'node:net';
import type { HostCheck } from '../../../contracts/provider.js';
import type { ProviderError } from '../../../contracts/provider-error.js';
import { untilInterrupted } from '../../../host/interruption.js';
import { findProgram } from '../../../host/program.js';
import { newUuid } from '../../../host/random.js';
import { sshArgs } from '../../../host/ssh.js';
import type { SshAccess } from '../config/cloud-config.js';
import type { CallSite } from '../http/errors.js';
import type { NamedServer } from './conversion-server.js';
import { cannotOpen, notTheVolume, severalDevices } from './device-errors.js';
import { type ExpectedDevice, linkNames, wrongWith } from './device-facts.js';
import type { ClaimOptions, DeviceClaim, DeviceHost, HostDescription, NoDevice } from './device-host.js';
import { hostChecks } from './host-checks.js';
import type { DeviceFolders } from './local-device-host.js';
import type { RemoteMachine, RemoteMessage } from './remote-messages.js';
import { type RemoteRequest, remoteCommand } from './remote-program.js';
import { RemoteSession } from './remote-session.js';
import * as sshErrors from './ssh-errors.js';

/** ssh gives up connecting after 30 s; the rest is for a login that is slow. */
const HELLO_TIMEOUT_MS = 90_000;
const ANSWER_TIMEOUT_MS = 60_000;
const GREETING_TIMEOUT_MS = 30_000;
const SILENCE_SECONDS = 120;
/** Between the end of a server there and the end of ssh here. */
const LAST_WORDS_MS = 5_000;

export interface SshDeviceHostOptions {
  readonly ssh: SshAccess;
  readonly folders: DeviceFolders;
  /** A private folder with a short path, for sockets. */
  readonly socketFolder: () => Promise<string>;
  /** After so long without a word from here the program there ends. Default 2 minutes. */
  readonly silenceSeconds?: number;
}

/** A server that is reached by ssh: one connection for each volume does all, so that claim, server and tunnel end together. */
export class SshDeviceHost implements DeviceHost {
  readonly description: HostDescription;
  /** Of this process: an old cloud's host and a new one's share the folder. */
  private static sockets = 0;

  constructor(private readonly options: SshDeviceHostOptions) {
    const { ssh, silenceSeconds = SILENCE_SECONDS } = options;
    const name = sshErrors.nameOf(ssh);
    this.description = {
      name,
      isHere: false,
      rights: `On ${name} the user needs the right to write to attached volumes: log in as root or as a member of the group disk, or write sudo: true in access.ssh.`,
      busy: [
        `A server of a run whose connection broke ends after ${silenceSeconds} s: run again then. On ${name}: pgrep -af nbdkit`,
      ],
      elsewhere: ({ name: server, id }) =>
        `Name in access.ssh of the Project how server ${server} (${id}) is reached, or as access.server the one that ${name} is.`,
      there: ({ name: server, id }) => `${name} has to be server ${server} (${id}), and udev has to make links there.`,
    };
  }

  async claim(expected: ExpectedDevice, { site, timeoutMs }: ClaimOptions): Promise<DeviceClaim | NoDevice> {
    const { ssh } = this.options;
    const folder = `/tmp/migplan-${newUuid()}`;
    const local = `${await this.options.socketFolder()}/remote-${++SshDeviceHost.sockets}.sock`;
    const request = this.request({ links: linkNames(expected.volume), timeoutSeconds: timeoutMs / 1000, folder });
    const session = await this.start(site, request, { local, remote: `${folder}/s` });
    try {
      const machine = await this.machine(session, site);
      const wrong = sshErrors.nbdkitError(site, ssh, machine.nbdkit);
      if (wrong !== undefined) throw wrong;
      if ((await this.device(session, expected, { site, timeoutMs })) === 'none') {
        await session.close();
        return { none: true, machine: machine.uuid?.toLowerCase() };
      }
      await this.serve(session, site, local);
      return {
        block: { driver: 'nbd', socket: local },
        broken: () => this.broken(session, site, local),
        close: async () => void (await session.close()),
      };
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async look(server: NamedServer, site: CallSite): Promise<readonly HostCheck[]> {
    const { ssh, folders } = this.options;
    const session = await this.start(site, this.request({ task: 'look' }));
    try {
      const machine = await this.machine(session, site);
      const wrong = sshErrors.nbdkitError(site, ssh, machine.nbdkit)?.details;
      const state = { ...machine, machine: machine.uuid?.toLowerCase() };
      return [
        { what: `${this.description.name} is reached by ssh`, found: machine.isRoot ? 'yes, as root' : 'yes' },
        ...hostChecks(state, { server, byIdDir: folders.byIdDir, description: this.description }),
        {
          what: 'program that serves volumes there',
          found: wrong === undefined ? (machine.nbdkit ?? '') : '',
          ...(wrong !== undefined && { problem: { isFatal: true, detail: wrong.detail, nextSteps: wrong.nextSteps ?? [] } }),
        },
      ];
    } finally {
      await session.close();
    }
  }

  private request(change: Partial<RemoteRequest>): RemoteRequest {
    const { folders, silenceSeconds = SILENCE_SECONDS } = this.options;
    return { task: 'claim', ...folders, links: [], timeoutSeconds: 0, folder: '', silenceSeconds, ...change };
  }

  private async start(
    site: CallSite,
    request: RemoteRequest,
    forward?: { readonly local: string; readonly remote: string },
  ): Promise<RemoteSession> {
    const { ssh } = this.options;
    const program = await findProgram('ssh');
    if (program === undefined) throw sshErrors.noSsh(site);
    const command = { command: remoteCommand(ssh), ...(forward !== undefined && { forward }) };
    return new RemoteSession(program, sshArgs(ssh, command), request);
  }

  /** The next message; ProviderError when there is none. */
  private async answer(session: RemoteSession, site: CallSite, timeoutMs: number): Promise<RemoteMessage> {
    const { ssh } = this.options;
    const told = await session.next(timeoutMs);
    if (told === 'late') throw sshErrors.tooQuiet(site, ssh, timeoutMs);
    if (!('state' in told)) throw sshErrors.sessionEnded(site, ssh, told);
    if (told.state === 'failed') throw sshErrors.serverFailed(site, ssh, told.words);
    return told;
  }

  private async machine(session: RemoteSession, site: CallSite): Promise<RemoteMachine> {
    const told = await this.answer(session, site, HELLO_TIMEOUT_MS);
    if (told.state === 'here') return told;
    throw sshErrors.noPython(site, this.options.ssh);
  }

  /** Claimed there, and the volume; or not there. */
  private async device(session: RemoteSession, expected: ExpectedDevice, { site, timeoutMs }: ClaimOptions) {
    const told = await this.answer(session, site, timeoutMs + ANSWER_TIMEOUT_MS);
    if (told.state === 'several') throw severalDevices(site, expected, told.paths);
    if (told.state === 'closed') {
      const { path, error: code, words: message } = told;
      throw cannotOpen(site, expected, { path, code, message, description: this.description });
    }
    if (told.state !== 'claimed') return 'none';
    const wrong = wrongWith(told.facts, expected);
    if (wrong !== undefined) throw notTheVolume(site, expected, told.path, wrong);
    return 'claimed';
  }

  private async serve(session: RemoteSession, site: CallSite, socket: string): Promise<void> {
    const { ssh } = this.options;
    session.serve();
    const told = await this.answer(session, site, ANSWER_TIMEOUT_MS);
    if (told.state !== 'serving') {
      const { stderr } = await session.close();
      throw sshErrors.serverFailed(site, ssh, stderr || `it ended with status ${'status' in told ? told.status : 'unknown'}`);
    }
    if (await untilInterrupted(greets(socket))) return;
    const { stderr } = await session.close();
    throw sshErrors.notForwarded(site, ssh, stderr);
  }

  /** A socket that answers is not broken, whatever else failed. */
  private async broken(session: RemoteSession, site: CallSite, socket: string): Promise<ProviderError | undefined> {
    if (await untilInterrupted(greets(socket))) return undefined;
    const exit = (await session.ended(LAST_WORDS_MS)) ?? (await session.close());
    const { ssh } = this.options;
    const told = await session.next(0);
    if (typeof told === 'object' && 'state' in told && told.state === 'ended') {
      return sshErrors.serverFailed(site, ssh, `it ended with status ${told.status}: ${exit.stderr || 'it said nothing'}`);
    }
    return sshErrors.sessionLost(site, ssh, exit.stderr);
  }
}

/** Whether an NBD server speaks at the other end, as each does first. */
function greets(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    const done = (answer: boolean) => () => {
      connection.destroy();
      resolve(answer);
    };
    connection.setTimeout(GREETING_TIMEOUT_MS, done(false));
    connection.once('data', (bytes) => done(bytes.toString('latin1').startsWith('NBDMAGIC'))());
    connection.once('error', done(false));
    connection.once('close', done(false));
  });
}
