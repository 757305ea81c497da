import { type BigIntStats, constants } from 'node:fs';
import { lstat, open, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { type CallSite, notExpected, unsupported } from '../http/errors.js';
import { seeWhatUses } from './device-errors.js';

/** What a cloud may name on this machine. */
export interface LocalRule {
  /** Absolute folders of the Project, below which the bytes have to be. Absent: nothing is reached in this way. */
  readonly folders: readonly string[] | undefined;
  /** Id that the file's own name has to carry. */
  readonly id: string;
}

/** A place that was looked at: no link is left in `path`. */
export interface LocalBlock {
  readonly driver: 'file' | 'host_device';
  readonly path: string;
}

/** While it is open, a block device belongs to nobody else. */
export interface LocalClaim {
  readonly block: LocalBlock;
  close(): Promise<void>;
}

const WRITE_FOLDERS =
  'Write the folder of the backend on this machine at the provider in migplan.yaml: access: {type: cinder, local: {folders: [/var/lib/cinder/volumes]}}.';

/**
 * The one way to a path that a cloud named. Whoever runs this program may write anywhere, so what the answer says alone
 * decides nothing: the file stands below a folder of the Project and carries the id in its name. A last link is followed to
 * another such file, or from below /dev, where only this machine makes links (LVM), to a block device.
 */
export async function resolveLocalBlock(named: string, rule: LocalRule, site: CallSite): Promise<LocalBlock> {
  if (rule.folders === undefined || rule.folders.length === 0) {
    throw notExpected(
      site,
      `the volume is local to its storage host, as ${named}, and the Project names no folder for such volumes`,
      [WRITE_FOLDERS],
    );
  }
  const path = await withRealFolder(named, site);
  await checkLocalPath(path, rule, site);
  const resolved = await realpath(path).catch(() => undefined);
  const facts = resolved === undefined ? undefined : await lstat(resolved, { bigint: true });
  if (resolved === undefined || facts === undefined) throw notHere(named, site);
  const driver = driverOf(facts);
  if (driver === undefined) throw notHere(named, site);
  if (resolved !== path && !(driver === 'host_device' && isBelow('/dev', path))) await checkLocalPath(resolved, rule, site);
  return { driver, path: resolved };
}

/** The place, opened for writing; a block device exclusively, which fails while it is mounted or part of something else. */
export async function claimLocalBlock(named: string, rule: LocalRule, site: CallSite): Promise<LocalClaim> {
  const block = await resolveLocalBlock(named, rule, site);
  const exclusive = block.driver === 'host_device' ? constants.O_EXCL : 0;
  const claim = await open(block.path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK | exclusive).catch(
    (error: NodeJS.ErrnoException) => {
      throw cannotClaim(block.path, error, site);
    },
  );
  // Between the look and the opening somebody may have put another thing there.
  const isSame = driverOf(await claim.stat({ bigint: true })) === block.driver;
  if (isSame && block.driver === 'host_device') return { block, close: () => claim.close() };
  await claim.close();
  if (!isSame) throw notHere(named, site);
  return { block, close: async () => {} };
}

const driverOf = (facts: BigIntStats): LocalBlock['driver'] | undefined => {
  if (facts.isFile()) return 'file';
  return facts.isBlockDevice() ? 'host_device' : undefined;
};

async function withRealFolder(named: string, site: CallSite): Promise<string> {
  const folder = isAbsolute(named) ? await realpath(dirname(named)).catch(() => undefined) : undefined;
  if (folder === undefined) throw notHere(named, site);
  return join(folder, basename(named));
}

async function checkLocalPath(path: string, { folders = [], id }: LocalRule, site: CallSite): Promise<void> {
  const real = await Promise.all(folders.map((folder) => realpath(folder).catch(() => undefined)));
  if (!real.some((folder) => folder !== undefined && isBelow(folder, path))) {
    throw notExpected(site, `the cloud names ${path} for the volume, which is below none of ${folders.join(', ')}`, [
      `Ask who runs the cloud why; if it is right: ${WRITE_FOLDERS}`,
    ]);
  }
  if (!basename(path).includes(id)) {
    throw notExpected(site, `the cloud names ${path}, whose name does not carry ${id}`, [
      'Ask who runs the cloud why: on a backend with local volumes a file is named for its volume.',
    ]);
  }
}

export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way.split('/')[0] !== '..' && !isAbsolute(way);
}

const notHere = (path: string, site: CallSite): Error =>
  unsupported(site, `the volume is local to its storage host: ${path} is no file or block device on this machine`, [
    'Run migplan on the storage host.',
  ]);

function cannotClaim(path: string, { code, message }: NodeJS.ErrnoException, site: CallSite): Error {
  if (code === 'EBUSY') {
    return notExpected(site, `${path} is mounted or used by another program of this machine`, [
      seeWhatUses(path, 'this machine'),
    ]);
  }
  return unsupported(site, `${path} cannot be opened for writing: ${message}`, ['Run migplan as a user who may write to it.']);
}
