import { describe, expect, test } from 'vitest';
import { serverId } from '../../../src/model/ids.js';
import { hostChecks } from '../../../src/providers/openstack/access/host-checks.js';
import { LocalDeviceHost } from '../../../src/providers/openstack/access/local-device-host.js';
import { MovingClock } from './moving-clock.js';

const server = { id: serverId('11223344-5566-4788-8999-aabbccddeeff'), name: 'conv' };
const byIdDir = '/dev/disk/by-id';
const { description } = new LocalDeviceHost({ byIdDir, sysDir: '/sys' }, new MovingClock(() => undefined));

const problems = (state: { machine?: string; hasFolder?: boolean; mayOpen?: boolean }): string[] => {
  const all = { machine: server.id, hasFolder: true, mayOpen: true, ...state };
  return hostChecks(all, { server, byIdDir, description }).flatMap(({ problem }) =>
    problem === undefined ? [] : [`${problem.isFatal ? 'error' : 'warning'} ${problem.detail} -> ${problem.nextSteps[0]}`],
  );
};

describe('the conversion host', () => {
  test.each([
    ['the server', server.id, 0],
    ['the server, as old firmware spells it', '44332211-6655-8847-8999-aabbccddeeff', 0],
    ['another', '00000000-5566-4788-8999-aabbccddeeff', 1],
    ['one that does not tell', undefined, 0],
  ])('is %s', (_name, machine, count) => {
    const state = { hasFolder: true, mayOpen: true, machine };
    const found = hostChecks(state, { server, byIdDir, description }).filter(({ problem }) => problem !== undefined);
    expect(found).toHaveLength(count);
  });

  test('each thing that is wrong says what to do; a folder that is not there yet is only a warning', () => {
    expect(problems({ mayOpen: false })[0]).toMatch(/^error no -> migplan needs the right .*run it as root/);
    expect(problems({ hasFolder: false })[0]).toMatch(
      /^warning \/dev\/disk\/by-id is not there on this machine.* -> See whether udev/,
    );
    expect(problems({ machine: 'x' })[0]).toMatch(
      /^error this machine is machine x, server conv is .* -> Run migplan on server conv/,
    );
    expect(problems({})).toEqual([]);
  });
});
