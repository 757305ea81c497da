import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseCommandLine } from './command-line.js';
import { quote } from './shell-commands.js';
import { readVddkArguments } from './vddk-arguments.js';

const directory = mkdtempSync(join(tmpdir(), 'vddk-sim-'));
mkdirSync(join(directory, 'vddk', 'lib64'), { recursive: true });
writeFileSync(join(directory, 'vddk', 'lib64', 'libvixDiskLib.so.8'), '');
writeFileSync(join(directory, 'password'), 'secret\n');
afterAll(() => rmSync(directory, { recursive: true }));

const THUMBPRINT = Array.from({ length: 20 }, () => 'AB').join(':');
const FILE = '[ds1] web 01/web 01-000002.vmdk';

/** A good command line; a row of a table changes one word of it. */
function words(change: Record<string, string | undefined> = {}): string[] {
  const parameters: Record<string, string | undefined> = {
    libdir: join(directory, 'vddk'),
    server: 'vc',
    user: 'admin',
    password: `+${join(directory, 'password')}`,
    thumbprint: THUMBPRINT,
    vm: 'moref=vm-42',
    snapshot: 'snapshot-7',
    transports: 'nbdssl:nbd',
    compression: 'none',
    file: FILE,
    ...change,
  };
  return Object.entries(parameters).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
}

const read = (...args: readonly string[]) => readVddkArguments(parseCommandLine(args));

describe("the vddk plugin's arguments", () => {
  test('a good command line', () => {
    const args = read(
      '-f',
      '-r',
      '-U',
      '/run/s',
      '--filter=blocksize',
      '--filter',
      'retry',
      'vddk',
      ...words(),
      'minblock=512',
      'retries=2',
    );
    expect(args).toMatchObject({
      vm: 'vm-42',
      snapshot: 'snapshot-7',
      file: FILE,
      password: 'secret',
      port: 443,
      filterParameters: ['minblock=512', 'retries=2'],
    });
  });

  test.each([
    { name: 'password in the open', change: { password: 'secret' }, error: /not on the command line/ },
    { name: 'password from the terminal', change: { password: '-' }, error: /not on the command line/ },
    { name: 'password from stdin', change: { password: '-0' }, error: /standard stream/ },
    { name: 'password file missing', change: { password: '+/nonexistent' }, error: /ENOENT/ },
    { name: 'unknown parameter', change: { nonsense: '1' }, error: /unknown parameter 'nonsense'/ },
    { name: 'parameter of a filter not given', change: { retries: '1' }, error: /unknown parameter 'retries'/ },
    { name: 'vm without moref', change: { vm: 'vm-42' }, error: /moref=/ },
    { name: 'snapshot with moref', change: { snapshot: 'moref=snapshot-7' }, error: /bare id/ },
    { name: 'no server', change: { server: undefined }, error: /'server'/ },
    { name: 'no user', change: { user: undefined }, error: /'user'/ },
    { name: 'no password', change: { password: undefined }, error: /'password'/ },
    { name: 'no thumbprint', change: { thumbprint: undefined }, error: /'thumbprint'/ },
    { name: 'SHA-256 thumbprint', change: { thumbprint: `${THUMBPRINT}:AB` }, error: /20 pairs/ },
    { name: 'no file', change: { file: undefined }, error: /'file'/ },
    { name: 'library missing', change: { libdir: tmpdir() }, error: /libvixDiskLib/ },
    { name: 'unknown transport', change: { transports: 'nbdssl:nfs' }, error: /transport: nfs/ },
    { name: 'unknown compression', change: { compression: 'gzip' }, error: /gzip/ },
    { name: 'config file missing', change: { config: '/nonexistent' }, error: /configuration file/ },
  ])('$name', ({ change, error }) => {
    expect(() => read('-f', '-r', 'vddk', ...words(change))).toThrow(error);
  });

  test('a snapshot must be opened read-only', () => {
    expect(() => read('-f', 'vddk', ...words())).toThrow(/readonly/);
    expect(read('-f', 'vddk', ...words({ snapshot: undefined })).snapshot).toBeUndefined();
    expect(read('-fr', 'vddk', ...words()).snapshot).toBe('snapshot-7');
  });

  test('the file may stand alone unless it holds an equals sign', () => {
    expect(read('-r', 'vddk', ...words({ file: undefined }), FILE).file).toBe(FILE);
    expect(() => read('-r', 'vddk', ...words({ file: undefined }), '[ds1] a=b.vmdk')).toThrow(/key=value/);
  });
});

test('quoting survives the shell', () => {
  expect(quote("it's $HOME")).toBe("'it'\\''s $HOME'");
});
