import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { type CliResult, runCli } from '../../lab/harness/cli.js';
import { ConnectProxy } from '../../lab/harness/connect-proxy.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { filesWith } from '../../lab/harness/secret-watch.js';
import { makeSigningKey } from '../../lab/harness/signing-keys.js';
import { manifestOf, said } from './steps.js';

// Goal: nothing that migplan says or keeps has a secret in it. Method: a secret of its own is planted wherever a user can put one; a plan
// is made, reported, signed, approved and applied, and applied again while both clouds say the secrets back; then all that was said and
// written is searched for each of them, in each form that can be turned back.
const held = {
  'password of the vCenter, in a file': `vc "p4ss\\w&rd<1>é`,
  'secret of the application credential': `app "s3cret\\c%r/d+<2>é`,
  'login of the proxy': `pr0xy/p@ss:w&rd 3`,
} as const;
const STRAY = 'str4y-v4riable-4';
const LOG = 'trace.log';
const SECURE = 'secure.yaml';

let bench: Bench;
let proxy: ConnectProxy;
let project: LabProject;
/** Name to secret: those above, that of a variable which nobody declared, a line of a private key. */
let secrets: Readonly<Record<string, string>>;
/** Everything said, by the command that said it. */
const outputs = new Map<string, string>();

beforeAll(async () => {
  proxy = await ConnectProxy.start();
  proxy.login = `pr0xy-user:${held['login of the proxy']}`;
  bench = await Bench.open({
    source: vcenter([{ name: 'vm' }], held['password of the vCenter, in a file']),
    target: simulatedCloud({
      applicationCredentials: [
        { name: 'mig', id: 'mig', user: 'demo', project: 'demo', secret: held['secret of the application credential'] },
      ],
    }),
  });
  project = await bench.project('p');
  await project.write('../keys/vcenter', `${held['password of the vCenter, in a file']}\n`, 0o600);
  await project.edit(
    'migplan.yaml',
    (text) => `${text.replace('env:VCENTER_PASSWORD', '"${var.where}"')}  variables: {where: {}}\n`,
  );
  const auth = `{auth_url: "${bench.target.authUrl}", application_credential_id: mig}`;
  await project.write(
    'clouds.yaml',
    `clouds: {prod: {region_name: RegionOne, auth_type: v3applicationcredential, auth: ${auth}}}\n`,
  );
  const secret = JSON.stringify(held['secret of the application credential']);
  await project.write(SECURE, `clouds: {prod: {auth: {application_credential_secret: ${secret}}}}\n`, 0o600);
  await project.manifest('vm', manifestOf('vm', 'phase: seed'));
  const signing = await makeSigningKey(join(bench.folder, 'keys'), 'ci');
  const line = (await readFile(signing.path, 'utf8')).split('\n')[2]!;
  secrets = { ...held, 'variable that nobody declared': STRAY, 'key that signs': line };
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});

/** Each can be turned back. Written here once more, so that what strikes them is not what looks for them. */
function formsOf(secret: string): string[] {
  const base64 = ['', 'x', 'xy'].flatMap((before) => {
    // Without what depends on the characters before and after.
    const text = Buffer.from(before + secret)
      .toString('base64')
      .replace(/=+$/, '')
      .slice(before.length * 2, -4);
    return [text, text.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(secret);
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const forms = [secret, json, url, url.replaceAll('%20', '+'), html, html.replaceAll('"', '&quot;')];
  return [...new Set([...forms, ...base64])];
}

/** What somebody says who was given all of them, and says them back. */
const everything = Object.values(held)
  .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(`user:${secret}`).toString('base64')])
  .join(' | ');

async function run(...args: readonly string[]): Promise<CliResult> {
  const login = `http://pr0xy-user:${encodeURIComponent(held['login of the proxy'])}@${proxy.address}`;
  const result = await runCli(project, args, {
    env: {
      MIGPLAN_VAR_where: `file:${join(bench.folder, 'keys/vcenter')}`,
      MIGPLAN_VAR_stray: STRAY,
      MIGPLAN_LOG: `debug:${LOG}`,
      DEBUG: '*',
      https_proxy: login,
      http_proxy: login,
    },
  });
  outputs.set(`${outputs.size} ${args.join(' ')}`, said(result));
  return result;
}

async function good(...args: readonly string[]): Promise<CliResult> {
  const result = await run(...args);
  expect(result.code, `${args.join(' ')}\n${said(result).slice(-3000)}`).toBe(0);
  return result;
}

async function failed(...args: readonly string[]): Promise<void> {
  const result = await run(...args);
  expect(result.code, said(result)).toBeGreaterThan(0);
  expect(said(result)).toContain('***');
}

describe('what is planted', () => {
  test('is used: plans are made with it, reported, signed, approved and applied', async () => {
    const key = ['--key', join(bench.folder, 'keys/ci')];
    await good('plan', '--out', 'plan.json', '--verbose');
    for (const args of [
      ['config', 'render'],
      ['show', 'plan.json', '--format', 'markdown'],
      ['graph', '--plan', 'plan.json'],
      ['report', 'plan.json'],
      ['sign', 'plan.json', ...key],
      ['approve', 'plan.json', ...key],
      ['apply', 'plan.json', '--metrics-file', 'run.prom'],
    ])
      await good(...args);
    expect(proxy.asked.length).toBeGreaterThan(0);
    expect(await readFile(join(project.folder, LOG), 'utf8')).toContain('POST ');
  });

  test('is said back by the cloud and by the vCenter', async () => {
    await project.manifest('vm', manifestOf('vm', 'phase: sync'));
    const fault = { service: 'volume', method: 'POST', path: '/metadata$', do: { status: 400, message: everything } };
    await bench.target.control.addFault(fault);
    await failed('apply', '--auto-approve', '--metrics-file', 'failed.prom');
    await bench.target.control.clearFaults();
    const listed = JSON.parse((await good('runs', 'list', '--json')).stdout) as { runs: { run: string }[] };
    const { run: last } = listed.runs[0]!;
    for (const args of [
      ['runs', 'show', last],
      ['runs', 'logs', last],
      ['report', last],
    ])
      await good(...args);
    const refused = { fault: { type: 'InvalidLogin', message: everything } };
    await bench.source.control.addFault({ method: 'Login', times: 'always', do: refused });
    await failed('plan');
    await bench.source.control.clearFaults();
  });

  test('is told by no message where a host name is wanted', async () => {
    await project.edit('migplan.yaml', (text) => text.replace(`server: ${bench.source.server}`, `server: "root:${STRAY}@vc"`));
    await failed('validate');
  });

  test('was said nowhere, and is in no file', async () => {
    expect(outputs.size).toBeGreaterThan(13);
    for (const [name, secret] of Object.entries(secrets)) {
      const forms = formsOf(secret);
      const saying = [...outputs].filter(([, told]) => forms.some((form) => told.includes(form))).map(([command]) => command);
      expect(saying, name).toEqual([]);
      const own =
        name === 'secret of the application credential' ? [SECURE] : name.startsWith('variable') ? ['migplan.yaml'] : [];
      expect(await filesWith(project.folder, forms), name).toEqual(own);
    }
  });

  test('would be found', async () => {
    expect((await filesWith(project.folder, ['vm/vm'])).length).toBeGreaterThan(5);
    for (const secret of Object.values(secrets)) {
      const told = [secret, JSON.stringify(secret), encodeURIComponent(secret), Buffer.from(`user:${secret}`).toString('base64')];
      for (const text of told)
        expect(
          formsOf(secret).some((form) => text.includes(form)),
          text,
        ).toBe(true);
    }
  });
});
