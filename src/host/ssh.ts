import { invariant } from '../diag/diagnostic.js';
import { sshHostPattern, sshUserPattern } from '../model/ssh-names.js';

/** A machine as ssh is told of it. What is absent comes from the user's ssh configuration. */
export interface SshHost {
  /** Name, address, or a Host of the ssh configuration, in the form of sshHostPattern. */
  readonly host: string;
  /** In the form of sshUserPattern. */
  readonly user?: string;
  readonly port?: number;
  /** Absolute path of a private key. ssh expands tokens such as %h in it, as in its own configuration. */
  readonly identityFile?: string;
  /** Absolute path of an ssh configuration that is read in place of the user's and the system's. */
  readonly configFile?: string;
}

export interface SshCommand {
  /** One command line for the login shell of the remote user: constant text, never made of names. */
  readonly command: string;
  /** A unix socket here that leads to one there. Both paths are plain: see isPlainPath. */
  readonly forward?: { readonly local: string; readonly remote: string };
}

const isSshHost = (host: string): boolean => new RegExp(sshHostPattern).test(host);
const isSshUser = (user: string): boolean => new RegExp(sshUserPattern).test(user);

/** Nothing that ssh would expand, and no colon, which divides the two ends of a forwarding. */
export const isPlainPath = (path: string): boolean => /^\/[A-Za-z0-9_./+@=-]*$/.test(path);

/**
 * Never asks, needs no terminal, and has a connection of its own: a shared one would outlive us. A forwarding that cannot be
 * made ends it; a line that is dead is noticed within a minute. Whose host keys are trusted stays with the user.
 */
const fixed = [
  'BatchMode=yes',
  'RequestTTY=no',
  'RemoteCommand=none',
  'PermitLocalCommand=no',
  'ForwardAgent=no',
  'ForwardX11=no',
  'ControlMaster=no',
  'ControlPath=none',
  'ConnectTimeout=30',
  'ServerAliveInterval=15',
  'ServerAliveCountMax=4',
  'ExitOnForwardFailure=yes',
  'StreamLocalBindMask=0177',
  'StreamLocalBindUnlink=yes',
  'LogLevel=ERROR',
];

/** Arguments of the system's ssh. Options end before the host, and what follows it is one word that begins with a letter. */
export function sshArgs({ host, user, port, identityFile, configFile }: SshHost, { command, forward }: SshCommand): string[] {
  invariant(isSshHost(host), 'the name of an ssh host was not checked');
  invariant(user === undefined || isSshUser(user), 'the name of an ssh user was not checked');
  invariant(/^[a-z]/.test(command), 'ssh would take the command for an option');
  const ends = forward && [forward.local, forward.remote];
  invariant(ends?.every(isPlainPath) !== false, 'ssh would read something into the path of a socket');
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...fixed.flatMap((option) => ['-o', option]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(identityFile === undefined ? [] : ['-i', identityFile, '-o', 'IdentitiesOnly=yes']),
    ...(ends === undefined ? [] : ['-L', ends.join(':')]),
    '--',
    host,
    command,
  ];
}
