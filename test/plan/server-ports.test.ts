import { expect, test } from 'vitest';
import type { ObservedPort, PortLink } from '../../src/model/observed-target.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import * as s from './plan-fixture.js';

const id = s.serverId('srv-1');
const port = (link: PortLink | undefined, server = id): ObservedPort => ({
  id: 'port-1',
  network: 'n-1',
  mac: 'fa:16:3e:00:00:09',
  addresses: [],
  server,
  description: '',
  ...(link !== undefined && { link }),
});

/** What a plan says of the server that was made, and how it says it. */
function said(status: string, ...ports: ObservedPort[]): string[] {
  const volumes = { '2000': [s.volume({ reading: s.reading({ kind: 'converted', from: s.at(5) }) })] };
  const source = { kind: 'found', vm: s.vm({ power: 'off' }) } as const;
  const server = { id, name: 'erp-db01', status };
  const observed = s.observed({ source, volumes, server, catalog: { ...s.catalog, ports } });
  const { diagnostics } = planMigration(s.desired({ ...s.cutover, ...s.withServer }), observed, { now: s.NOW });
  return diagnostics.flatMap(({ code, severity, detail }) => (code === 'MP2089' ? [`${severity} ${detail}`] : []));
}

test('a port that is down is told, and stops nothing', () => {
  expect(said('ACTIVE', port({ status: 'DOWN' }))).toEqual([
    'warning port port-1 (fa:16:3e:00:00:09) of server erp-db01 (srv-1) is DOWN and is not connected as far as Neutron knows: the server may not be reached',
  ]);
});

test('one that no driver took is told as certain', () => {
  expect(said('ACTIVE', port({ status: 'DOWN', vifType: 'binding_failed' })).join()).toMatch(
    /could not be bound \(binding_failed\): the server runs without it$/,
  );
});

test('nothing of a port that is fine, that tells nothing, or that is another server’s', () => {
  expect(said('ACTIVE', port({ status: 'ACTIVE' }), port(undefined))).toEqual([]);
  expect(said('ACTIVE', port({ status: 'DOWN' }, s.serverId('other')))).toEqual([]);
});

test('a server that is off has ports that are down', () => {
  expect(said('SHUTOFF', port({ status: 'DOWN' }))).toEqual([]);
});
