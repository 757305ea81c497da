import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { followsFromMac, parseAddress, sameAddress, subnetHolds } from '../../src/model/ip-network.js';

test.each([
  ['2001:db8::f816:3eff:fe00:1', 'fa:16:3e:00:00:01', true],
  ['2001:db8::f816:3eff:fe00:2', 'fa:16:3e:00:00:01', false],
  ['10.0.0.5', 'fa:16:3e:00:00:01', false],
  ['2001:db8::5', '', false],
])('%s follows from MAC %s: %s', (address, mac, expected) => {
  expect(followsFromMac(address, mac)).toBe(expected);
});

describe('whether a subnet holds an address', () => {
  test.each([
    ['192.0.2.0/24', '192.0.2.20', true],
    ['192.0.2.0/24', '192.0.3.20', false],
    ['192.0.2.128/25', '192.0.2.127', false],
    ['10.0.0.0/8', '10.255.255.255', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['192.0.2.7/32', '192.0.2.7', true],
    ['2001:db8::/64', '2001:db8::1', true],
    ['2001:db8::/64', '2001:db8:0:1::1', false],
    ['2001:db8::/64', '192.0.2.1', false],
    ['::ffff:0:0/96', '::ffff:192.0.2.1', true],
    ['192.0.2.0', '192.0.2.1', false],
    ['nonsense', '192.0.2.1', false],
    ['192.0.2.0/24', 'nonsense', false],
  ])('%s and %s: %s', (cidr, address, expected) => {
    expect(subnetHolds(cidr, address)).toBe(expected);
  });
});

test.each([
  '1.2.3',
  '1.2.3.256',
  '1.2.3.4.5',
  '',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  'g::',
  '12345::',
  '1:2:3:4:5:6:7::8',
])('%s is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test('an address is the same however it is written', () => {
  expect(sameAddress('2001:db8::1', '2001:0DB8:0:0:0:0:0:1')).toBe(true);
  expect(sameAddress('192.0.2.1', '192.0.2.2')).toBe(false);
  expect(sameAddress('::1', '0.0.0.1')).toBe(false);
  expect(sameAddress('x', 'x')).toBe(false);
});

test('every address that is one is read, and is itself', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      expect(sameAddress(address, address)).toBe(true);
      expect(subnetHolds(`${address}/${address.includes(':') ? 128 : 32}`, address)).toBe(true);
    }),
  );
});
