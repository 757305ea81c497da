import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { type Diagnostic, DiagnosticsError, hasErrors } from '../../diag/diagnostic.js';
import type { SourceRange } from '../../diag/source-range.js';
import { type DiskKey, diskKey } from '../../model/ids.js';
import type { DocumentRead, NbdConfig, NbdDependencies } from './config.js';
import { uuidOf } from './content.js';
import type { Machine, MachineDisk } from './machine.js';
import type { DiskDocument, MachineDocument } from './machine-schema.js';
import { validators } from './validators.js';

/** All machines of the provider, by name. Throws DiagnosticsError with everything that is wrong in their files. */
export async function readMachines(
  config: NbdConfig,
  { readDocument }: Pick<NbdDependencies, 'readDocument'>,
): Promise<readonly Machine[]> {
  const paths = (await Promise.all(config.machines.map((path) => filesAt(config, path)))).flat();
  const found = await Promise.all(
    [...new Set(paths)].sort().map(async (path) => {
      const location = { folder: dirname(path), file: basename(path), shown: shownAs(config, path) };
      const read = await readDocument(location, validators.machine);
      return { path, read, document: read.value as MachineDocument | undefined };
    }),
  );
  const diagnostics = [
    ...found.flatMap(({ read, document }) => [
      ...read.diagnostics,
      ...(document === undefined ? [] : [...problemsOf(document, read), ...openExports(document, read, config)]),
    ]),
    ...usedTwice(found),
  ];
  if (hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics);
  return found.map(({ path, document }) => toMachine(document!, path, config.name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** From the project folder, where it is below it. */
function shownAs({ folder }: Pick<NbdConfig, 'folder'>, path: string): string {
  const way = relative(folder, path);
  return way.split('/')[0] === '..' ? path : way || '.';
}

/** A file, or all of a folder. */
async function filesAt({ name, folder }: NbdConfig, path: string): Promise<string[]> {
  const facts = await stat(path).catch(() => undefined);
  const files = facts?.isDirectory() === true ? (await readdir(path)).filter((file) => file.endsWith('.json')) : undefined;
  if (files === undefined && facts !== undefined) return [path];
  if (files !== undefined && files.length > 0) return files.map((file) => join(path, file));
  const shown = shownAs({ folder }, path);
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP1032',
      address: `provider/${name}`,
      detail: files === undefined ? `there is no ${shown}` : `there is no machine file (*.json) in ${shown}`,
      nextSteps: ['write one, or correct machines of the provider in the Project'],
    },
  ]);
}

type Place = (path: readonly (string | number)[]) => SourceRange;

const problem = (source: SourceRange, detail: string, nextStep: string): Diagnostic => ({
  severity: 'error',
  code: 'MP1031',
  source,
  detail,
  nextSteps: [nextStep],
});

/** What the schema cannot tell. */
function problemsOf({ disks, firmware, secureBoot }: MachineDocument, { rangeOf }: DocumentRead): Diagnostic[] {
  const boots = disks.flatMap(({ boot }, index) => (boot === true ? [index] : []));
  return [
    ...boots
      .slice(1)
      .map((index) => problem(rangeOf(['disks', index, 'boot']), 'a machine boots from one disk', 'Keep one boot')),
    ...sameKeys(disks, rangeOf),
    ...disks.flatMap(({ uri, format }, index) =>
      uri === undefined || format === 'raw'
        ? []
        : [
            problem(
              rangeOf(['disks', index, 'format']),
              `the bytes of an NBD export are read as they are, not as ${format}`,
              'Write: "format": "raw"',
            ),
          ],
    ),
    ...(secureBoot === true && firmware === 'bios'
      ? [problem(rangeOf(['secureBoot']), 'BIOS has no Secure Boot', 'Remove secureBoot, or write: "firmware": "uefi"')]
      : []),
  ];
}

/** Whoever has certificates means to be asked for them; without TLS nobody asks, and anybody on the way reads the disk. */
function openExports({ disks }: MachineDocument, { rangeOf }: DocumentRead, { certificates }: NbdConfig): Diagnostic[] {
  if (certificates === undefined) return [];
  return disks.flatMap(({ uri = '' }, index) =>
    uri.startsWith('nbd://')
      ? [
          problem(
            rangeOf(['disks', index, 'uri']),
            `${uri} is read without TLS, and the provider has tls.certificates`,
            'Write nbds:// in place of nbd://, or describe the machine for another provider, without tls',
          ),
        ]
      : [],
  );
}

function sameKeys(disks: readonly DiskDocument[], rangeOf: Place): Diagnostic[] {
  const keys = disks.map(keyOf);
  return keys.flatMap((key, index) =>
    keys.indexOf(key) === index
      ? []
      : [
          problem(
            rangeOf(['disks', index]),
            `disk ${index} has the key ${key}, as another one has`,
            'Give each disk a key of its own',
          ),
        ],
  );
}

const keyOf = ({ key }: DiskDocument, index: number): DiskKey => diskKey(key ?? index);

interface Found {
  readonly path: string;
  readonly read: DocumentRead;
  readonly document: MachineDocument | undefined;
}

function usedTwice(found: readonly Found[]): Diagnostic[] {
  const first = new Map<string, SourceRange>();
  return found.flatMap(({ document, read }) => {
    const named = document === undefined ? [] : (['name', 'uuid'] as const).filter((field) => document[field] !== undefined);
    return named.flatMap((field) => {
      const at = read.rangeOf([field]);
      const value = `${field} ${JSON.stringify(String(document![field]))}`;
      const before = first.get(value.toLowerCase());
      if (before === undefined) first.set(value.toLowerCase(), at);
      return before === undefined
        ? []
        : [
            {
              ...problem(at, `${value} is already that of ${before.file}`, `Give one of them another ${field}`),
              code: 'MP1009' as const,
            },
          ];
    });
  });
}

function toMachine(document: MachineDocument, path: string, provider: string): Machine {
  const {
    name,
    uuid,
    firmware,
    secureBoot = false,
    machineType,
    cpus = 0,
    memoryMiB = 0,
    guest,
    conversion,
    nics = [],
  } = document;
  const boot = document.disks.findIndex((disk) => disk.boot === true);
  return {
    name,
    uuid: uuid?.toLowerCase() ?? uuidOf(provider, name),
    firmware: firmware === 'uefi' ? 'efi' : 'bios',
    secureBoot,
    ...(machineType === undefined ? {} : { machineType }),
    cpus,
    memoryMiB,
    guest,
    conversion,
    disks: document.disks.map((disk, index) => toDisk(disk, index, dirname(path))),
    ...(boot < 0 ? {} : { bootDisk: keyOf(document.disks[boot]!, boot) }),
    nics: nics.map(({ mac, network }) => ({ mac: mac.toLowerCase(), network })),
  };
}

function toDisk(disk: DiskDocument, index: number, folder: string): MachineDisk {
  const { path, uri, format, label } = disk;
  const key = keyOf(disk, index);
  if (path === undefined) return { key, label: label ?? `disk ${key}`, source: uri!, location: { uri: uri! } };
  return { key, label: label ?? basename(path), source: path, location: { path: resolve(folder, path), format } };
}
