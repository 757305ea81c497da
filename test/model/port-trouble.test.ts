import { expect, test } from 'vitest';
import type { PortLink } from '../../src/model/observed-target.js';
import { type PortTrouble, portTrouble } from '../../src/model/port-trouble.js';

test.each<[string, PortLink, PortTrouble | undefined]>([
  ['connected', { status: 'ACTIVE' }, undefined],
  ['not connected', { status: 'DOWN' }, 'down'],
  ['being connected', { status: 'BUILD', vnicType: 'normal' }, 'down'],
  ['in error', { status: 'ERROR' }, 'down'],
  ['of a driver that has no such state', { status: 'N/A' }, undefined],
  ['switched off by who asked for it', { status: 'DOWN', isOff: true }, undefined],
  ['a virtual function of SR-IOV without an agent', { status: 'DOWN', vnicType: 'direct' }, undefined],
  ['that no driver took, as an administrator sees it', { status: 'DOWN', vifType: 'binding_failed' }, 'binding-failed'],
  ['that no driver took, of any kind', { status: 'DOWN', vnicType: 'direct', vifType: 'binding_failed' }, 'binding-failed'],
  ['bound and not connected', { status: 'DOWN', vifType: 'ovs' }, 'down'],
])('a port %s', (_name, link, expected) => {
  expect(portTrouble(link)).toBe(expected);
});
