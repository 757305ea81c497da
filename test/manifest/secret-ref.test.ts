import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { VmwareProviderConfig } from '../../src/manifest/project/project-config.js';
import { parseSecretRef, resolveSecret } from '../../src/manifest/project/secret-ref.js';
import { inFolder, loadSpec, projectText } from './in-folder.js';

const position = { line: 7, column: 3, offset: 90 };
const source = { file: 'migplan.yaml', start: position, end: position };
const env = (name: string) => ({ kind: 'env', name, source }) as const;

describe('from the environment', () => {
  test('is the text as it stands', async () => {
    expect(await resolveSecret(env('PW'), { PW: ' a b\n' })).toEqual({ text: ' a b\n' });
  });

  test.each([
    ['not set', {}, 'the environment variable GOVC_PASWORD is not set'],
    ['empty', { GOVC_PASWORD: '' }, 'the environment variable GOVC_PASWORD is empty'],
  ])('%s', async (_, variables, detail) => {
    const { diagnostic } = (await resolveSecret(env('GOVC_PASWORD'), { ...variables, GOVC_PASSWORD: 'hidden' })) as {
      diagnostic: object;
    };
    expect(diagnostic).toMatchObject({ code: 'MP1015', source, detail });
    expect(JSON.stringify(diagnostic)).toContain('Did you mean env:GOVC_PASSWORD?');
    expect(JSON.stringify(diagnostic)).not.toContain('hidden');
  });
});

describe('from a file', () => {
  const resolveFile = (content: string, mode: number) =>
    inFolder({}, async (folder) => {
      const path = join(folder, 'secret');
      await writeFile(path, content);
      await chmod(path, mode);
      return JSON.parse(JSON.stringify(await resolveSecret({ kind: 'file', path, source }, {})).replaceAll(folder, '')) as object;
    });

  test.each([
    ['one line break at the end is not part of it', 'a b\n', 0o600, { text: 'a b' }],
    ['nor is that of another system', 'a\r\n', 0o400, { text: 'a' }],
    ['others are', 'a\n\n', 0o600, { text: 'a\n' }],
  ])('%s', async (_, content, mode, expected) => {
    expect(await resolveFile(content, mode)).toEqual(expected);
  });

  test.each([0o640, 0o604, 0o601, 0o660, 0o666, 0o644])('mode %o is refused without a look inside', async (mode) => {
    expect(await resolveFile('hunter2', mode)).toEqual({
      diagnostic: {
        severity: 'error',
        code: 'MP1015',
        source,
        detail: `the secret file /secret is open to other users (mode ${mode.toString(8).padStart(4, '0')})`,
        nextSteps: ['Run: chmod 600 /secret'],
      },
    });
  });

  test('an empty one is refused', async () => {
    expect(await resolveFile('\n', 0o600)).toMatchObject({
      diagnostic: { code: 'MP1015', detail: 'the secret file /secret is empty' },
    });
  });

  test('one that is missing, or a folder, is refused', async () => {
    await inFolder({}, async (folder) => {
      await chmod(folder, 0o700);
      const missing = await resolveSecret({ kind: 'file', path: join(folder, 'none'), source }, {});
      expect(missing).toMatchObject({ diagnostic: { code: 'MP1015', detail: expect.stringMatching('there is no such file') } });
      const directory = await resolveSecret({ kind: 'file', path: folder, source }, {});
      expect(directory).toMatchObject({ diagnostic: { code: 'MP1015', detail: expect.stringMatching('it is a folder') } });
    });
  });
});

describe('in a Project', () => {
  const load = async (user: string, password: string) => {
    const text = projectText().replace('user: admin', `user: ${user}`).replace("'env:VC_PASSWORD'", password);
    const { project, diagnostics } = await loadSpec('', text);
    return { provider: project?.providers['vc'] as VmwareProviderConfig | undefined, diagnostics, folder: project?.folder };
  };

  test('a reference knows where it stands; files start at the project folder', async () => {
    const { provider, folder } = await load('"env:VC_USER"', '"file:pw/vc"');
    expect(provider?.user).toMatchObject({ kind: 'env', name: 'VC_USER', source: { file: 'migplan.yaml', start: { line: 6 } } });
    expect(provider?.password).toMatchObject({ kind: 'file', path: join(folder!, 'pw/vc') });
  });

  test('a user name may be itself', async () => {
    expect((await load('svc@vsphere.local', '"env:P"')).provider?.user).toBe('svc@vsphere.local');
  });

  test.each(['hunter2', '123456789', 'true', '[hunter2]', '{a: hunter2}', '"vault:kv/hunter2#x"', '"env:1hunter2"', '""'])(
    'the password %s is refused and never shown',
    async (password) => {
      const { provider, diagnostics } = await load('admin', password);
      expect(provider).toBeUndefined();
      expect(diagnostics.length).toBeGreaterThan(0);
      expect(JSON.stringify(diagnostics)).not.toMatch(/hunter2|123456789/);
      expect(diagnostics[0]?.nextSteps?.[0]).toContain('password');
    },
  );
});

test('a text that is no reference is none', () => {
  expect(parseSecretRef('admin', { source, toAbsolute: (path) => path })).toBeUndefined();
});
