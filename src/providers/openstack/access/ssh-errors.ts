import type { ProviderError, ProviderErrorKind } from '../../../contracts/provider-error.js';
import type { ChildExit } from '../../../host/child.js';
import { requirements } from '../../../host/program.js';
import type { SshAccess } from '../config/cloud-config.js';
import { type CallSite, hostError } from '../http/errors.js';

const { nbdkit } = requirements;

/** What ssh itself ends with when it is ssh that failed, and not the program on the host. */
const SSH_FAILED = 255;

interface FailurePattern {
  readonly pattern: RegExp;
  readonly kind: ProviderErrorKind;
  steps(byHand: string): readonly string[];
}

/** OpenSSH has one status for all its trouble; its words are the same in every language. */
const failurePatterns: readonly FailurePattern[] = [
  {
    pattern: /host key|REMOTE HOST IDENTIFICATION/i,
    kind: 'untrusted',
    steps: (byHand) => [`Connect once by hand, compare the key with the host's own, and accept it: ${byHand}`],
  },
  {
    pattern: /permission denied|authentication failures|no supported authentication/i,
    kind: 'unauthenticated',
    steps: (byHand) => [
      'migplan cannot type a password: name a key as identityFile of access.ssh, or load it into the agent (ssh-add).',
      `This must work without a question: ${byHand}`,
    ],
  },
  {
    pattern: /bad configuration option|bad owner or permissions|no such file|terminating,/i,
    kind: 'failed',
    steps: (byHand) => ['Correct config or identityFile of access.ssh.', `This must work without a question: ${byHand}`],
  },
  {
    pattern: /address already in use|could not request local forwarding|cannot listen/i,
    kind: 'failed',
    steps: () => [
      'Take forwardings (LocalForward, RemoteForward) for this host out of the ssh configuration, or name another with config of access.ssh.',
    ],
  },
];

const unreachable: Pick<FailurePattern, 'kind' | 'steps'> = {
  kind: 'transient',
  steps: (byHand) => [
    'Check that the host runs and that port 22, or the one in access.ssh, is open to this machine.',
    `By hand: ${byHand}`,
  ],
};

/** ssh or what it started ended before it had told what it was asked for. */
export function sessionEnded(site: CallSite, ssh: SshAccess, { status, stderr }: ChildExit): ProviderError {
  const host = nameOf(ssh);
  if (status === SSH_FAILED) {
    const { kind, steps } = failurePatterns.find(({ pattern }) => pattern.test(stderr)) ?? unreachable;
    return hostError(site, {
      kind,
      detail: `ssh does not reach ${placeOf(ssh)}: ${stderr || 'it says nothing'}`,
      nextSteps: steps(byHand(ssh)),
    });
  }
  if (ssh.sudo === true && /sudo/.test(stderr)) {
    return hostError(site, {
      kind: 'denied',
      detail: `sudo on ${host}: ${stderr}`,
      nextSteps: ['Let the user become root without a password and without a terminal: NOPASSWD: ALL in sudoers, no requiretty.'],
    });
  }
  return hostError(site, {
    kind: 'failed',
    detail: `the program on ${host} ended with status ${status}: ${stderr || 'it said nothing'}`,
    nextSteps: [`Python 3.6 or newer has to run there for this user: ${byHand(ssh)} python3 -V`],
  });
}

/** It had served the volume. */
export const sessionLost = (site: CallSite, ssh: SshAccess, said: string): ProviderError =>
  hostError(site, {
    kind: 'transient',
    detail: `the connection to ${placeOf(ssh)}, by which the volume was written, is gone: ${said || 'ssh says nothing'}`,
    nextSteps: ['Run again: the copy goes on where it was.', `See whether the host runs: ${byHand(ssh)} uptime`],
  });

export const tooQuiet = (site: CallSite, ssh: SshAccess, ms: number): ProviderError =>
  hostError(site, {
    kind: 'transient',
    detail: `${placeOf(ssh)} does not answer after ${ms / 1000} s`,
    nextSteps: [`See whether this is slow by hand too: ${byHand(ssh)} true`],
  });

export const noSsh = (site: CallSite): ProviderError =>
  hostError(site, {
    kind: 'failed',
    detail: 'ssh is not installed on this machine',
    nextSteps: ['On Debian or Ubuntu: apt-get install openssh-client', 'On Fedora or RHEL: dnf install openssh-clients'],
  });

export const noPython = (site: CallSite, ssh: SshAccess): ProviderError =>
  hostError(site, {
    kind: 'failed',
    detail: `${nameOf(ssh)} has no python3, nor /usr/libexec/platform-python`,
    nextSteps: ['There, on Debian or Ubuntu: apt-get install python3', 'There, on Fedora or RHEL: dnf install python3'],
  });

/** undefined: it is there and new enough. */
export function nbdkitError(site: CallSite, ssh: SshAccess, told: string | null): ProviderError | undefined {
  const wanted = nbdkit.minimum.join('.');
  const [major = 0, minor = 0] =
    /(\d+)\.(\d+)/
      .exec(told ?? '')
      ?.slice(1)
      .map(Number) ?? [];
  const isNew = major > nbdkit.minimum[0] || (major === nbdkit.minimum[0] && minor >= nbdkit.minimum[1]);
  if (isNew) return undefined;
  return hostError(site, {
    kind: 'failed',
    detail:
      told === null ? `nbdkit is not installed on ${nameOf(ssh)}` : `${nameOf(ssh)} has ${told}, ${wanted} or newer is needed`,
    nextSteps: [
      `There, on Debian or Ubuntu: apt-get install ${nbdkit.debian}`,
      `There, on Fedora or RHEL: dnf install ${nbdkit.fedora}`,
    ],
  });
}

export const serverFailed = (site: CallSite, ssh: SshAccess, message: string): ProviderError =>
  hostError(site, {
    kind: 'failed',
    detail: `nbdkit on ${nameOf(ssh)} does not serve the volume: ${message}`,
    nextSteps: [`Try it by hand: ${byHand(ssh)} nbdkit file --dump-plugin`],
  });

/** It serves there and nothing comes through. */
export const notForwarded = (site: CallSite, ssh: SshAccess, message: string): ProviderError =>
  hostError(site, {
    kind: 'denied',
    detail: `sshd of ${nameOf(ssh)} does not forward to a unix socket there${message === '' ? '' : `: ${message}`}`,
    nextSteps: ['In sshd_config there: AllowStreamLocalForwarding yes (or local), DisableForwarding no; then reload sshd.'],
  });

export const nameOf = ({ host }: SshAccess): string => `host ${host}`;

/** Where ssh connects to, as far as the Project says: what is absent stands in the configuration of ssh. */
const placeOf = ({ host, port }: SshAccess): string =>
  port === undefined ? `host ${host} (the port of the ssh configuration, else 22)` : `host ${host}, port ${port}`;

/** The same connection as a command for people. */
function byHand({ host, user, port, identityFile, configFile }: SshAccess): string {
  const parts = [
    ...(configFile === undefined ? [] : ['-F', quoted(configFile)]),
    ...(port === undefined ? [] : ['-p', port]),
    ...(identityFile === undefined ? [] : ['-i', quoted(identityFile)]),
    user === undefined ? host : `${user}@${host}`,
  ];
  return `ssh ${parts.join(' ')}`;
}

const quoted = (text: string): string => (/^[\w./+@=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
