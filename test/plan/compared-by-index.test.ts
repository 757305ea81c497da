import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameAddress } from '../../src/model/ip-network.js';
import type { ObservedPort } from '../../src/model/observed-target.js';
import type { WantedNic } from '../../src/plan/core/destination-nics.js';
import { portsOfServer, portsWithAddress, portsWithMac } from '../../src/plan/core/port-index.js';
import { blockAddressClashes } from '../../src/plan/together/address-clashes.js';
import { countThatFits, lackFor, type Reader } from '../../src/plan/together/source-readers.js';
import { readingTakes, snapshotsTakeToo } from '../../src/plan/together/source-takes.js';
import * as s from './plan-fixture.js';

// What is looked up is what comparing one by one finds, in the same order.

const mac = fc.constantFrom('00:50:56:aa:bb:01', '00:50:56:AA:BB:01', '00:50:56:aa:bb:02', '');
const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1', '2001:0DB8:0::1', 'no address', '');
const network = fc.constantFrom('prod', 'net-1', 'dmz');
const nic: fc.Arbitrary<WantedNic> = fc.record(
  { network, mac, fixedIps: fc.array(address, { maxLength: 3 }) },
  { requiredKeys: ['network'] },
);

test('servers that ask for one address: each is told of all before it', () => {
  fc.assert(
    fc.property(fc.array(fc.array(nic, { maxLength: 2 }), { maxLength: 8 }), (vms) => {
      const told = blockAddressClashes(planned(vms)).map(({ diagnostics }) => diagnostics[0]?.detail ?? 'ok');
      expect(told).toEqual(oneByOne(vms));
    }),
  );
});

const catalog = { ...s.catalog, networkDetails: [{ id: 'net-1', name: 'prod', mayChooseAddresses: true }] };

const planned = (vms: readonly (readonly WantedNic[])[]) =>
  vms.map((nics, index) => {
    const desired = s.desired({ name: `vm${index}`, address: `vm/vm${index}` });
    const action = {
      kind: 'create-server',
      disks: s.bootFirst(s.diskKey(2000), []),
      server: { name: 'v', flavor: 'f' },
      nics,
    } as const;
    return { desired, catalog, plan: { address: desired.address, actions: [action], diagnostics: [], notes: [] } };
  });

function oneByOne(vms: readonly (readonly WantedNic[])[]): string[] {
  const claims: { readonly nic: WantedNic; readonly by: string }[] = [];
  const place = (of: WantedNic): string => (of.network === 'prod' ? 'net-1' : of.network);
  return vms.map((nics, index) => {
    const why = nics.flatMap((wanted) =>
      claims
        .filter(({ nic: earlier }) => place(earlier) === place(wanted))
        .flatMap(({ nic: earlier, by }) => [
          ...(wanted.mac !== undefined && wanted.mac.toLowerCase() === earlier.mac?.toLowerCase()
            ? [`MAC address ${wanted.mac} is asked for by ${by} too`]
            : []),
          ...(wanted.fixedIps ?? [])
            .filter((one) => earlier.fixedIps?.some((other) => sameAddress(one, other)))
            .map((one) => `address ${one} is asked for by ${by} too`),
        ]),
    );
    if (why.length === 0) claims.push(...nics.map((one) => ({ nic: one, by: `vm/vm${index}` })));
    return why.length === 0 ? 'ok' : why.join('; ');
  });
}

const port: fc.Arbitrary<ObservedPort> = fc
  .record({
    network,
    mac,
    addresses: fc.array(address, { maxLength: 3 }),
    server: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
  })
  .map(({ server, ...rest }) => ({
    ...rest,
    id: '',
    description: '',
    ...(server === undefined ? {} : { server: s.serverId(server) }),
  }));

test('ports of a server, with a MAC address, with an address', () => {
  fc.assert(
    fc.property(fc.array(port, { maxLength: 12 }), network, mac, address, (ports, where, wantedMac, wanted) => {
      const here = ports.filter((one) => one.network === where);
      expect(portsOfServer({ ports }, 'a')).toEqual(ports.filter(({ server }) => server === 'a'));
      expect(portsWithMac({ ports }, where, wantedMac)).toEqual(here.filter((one) => one.mac === wantedMac.toLowerCase()));
      expect(portsWithAddress({ ports }, where, wanted)).toEqual(
        here.filter(({ addresses }) => addresses.some((one) => sameAddress(one, wanted))),
      );
    }),
  );
});

const reader = (sizes: readonly number[], freed: number): Reader => {
  const disks = sizes.map((size, number) => s.disk({ key: s.diskKey(number), capacity: size * 2 ** 30 }));
  const room = { quota: { volumesLeft: 6, gigabytesLeft: 60, snapshotsLeft: 8 } };
  const observed = s.observed({ source: { kind: 'found', vm: s.vm({ disks }) }, sourceRoom: room });
  const plan = { address: '', actions: [], diagnostics: [], notes: [] };
  const reading = { vm: s.vm({ disks }), isByClone: true, transfers: 2 };
  return {
    index: 0,
    planned: { desired: s.desired(), observed, catalog, plan },
    reading,
    freed: new Map([['GiB of volumes', freed]]),
  };
};

test('as many VMs are read at a time as lack nothing together, and one more lacks something', () => {
  const readers = fc.array(fc.tuple(fc.array(fc.nat(20), { maxLength: 3 }), fc.nat(9)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(readers, fc.constantFrom(readingTakes, snapshotsTakeToo), (all, takes) => {
      const some = all.map(([sizes, freed]) => reader(sizes, freed));
      const first = some.findIndex((_, index) => lackFor(index + 1, some, takes).length > 0);
      expect(countThatFits(some, takes)).toBe(first === -1 ? some.length : first);
    }),
  );
});
