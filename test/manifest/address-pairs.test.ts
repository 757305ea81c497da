import { describe, expect, test } from 'vitest';
import { loadProject } from '../../src/manifest/load.js';
import { inFolder, migrationText, projectText } from './in-folder.js';

const rest = (ip: string): string =>
  `    server: {flavor: m1, networks: [{network: lan, allowedAddressPairs: [{ip: "${ip}"}]}]}\n`;
const text = (ip: string): string =>
  migrationText('web01').replace('  target: {provider: cloud}\n', `  target:\n    provider: cloud\n${rest(ip)}`);

/** What is said of a pair with this address: place, code and detail. */
const said = (ip: string): Promise<string[]> =>
  inFolder({ 'migplan.yaml': projectText(), 'manifests/vm.yaml': text(ip) }, async (cwd) => {
    const { diagnostics } = await loadProject({ cwd, env: {} });
    return diagnostics.map(({ source, code, detail }) => `${source?.start.line}:${source?.start.column} ${code} ${detail}`);
  });

describe('a further address of a port', () => {
  test.each(['10.0.0.5', '10.0.0.0/0', '10.0.0.0/28', '10.0.0.5/32', 'fd00::', 'fd00::/0', 'fd00::/64', 'fd00::5/128'])(
    '%s is one',
    async (ip) => expect(await said(ip)).toEqual([]),
  );

  test.each([
    ['10.0.0.0/99', 'the prefix of an IPv4 address is 0 to 32'],
    ['10.0.0.0/33', 'the prefix of an IPv4 address is 0 to 32'],
    ['fd00::/129', 'the prefix of an IPv6 address is 0 to 128'],
    ['fd00::/999', 'the prefix of an IPv6 address is 0 to 128'],
    ['10.0.0.310', 'no IPv4 or IPv6 address is written so'],
    ['10.0.0.310/24', 'no IPv4 or IPv6 address is written so'],
  ])('%s is none', async (ip, why) => {
    const field = 'target.server.networks[0].allowedAddressPairs[0].ip';
    expect(await said(ip)).toEqual([`8:79 MP1018 ${field} is "${ip}", and ${why}`]);
  });
});
