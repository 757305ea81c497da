import type { Action } from '../../plan/core/action.js';
import type { Attribute } from './change-symbol.js';

type CreateServer = Extract<Action, { kind: 'create-server' }>;

/** Everything a port is made with, in one line. */
export function nicText(nic: CreateServer['nics'][number]): string {
  const { network, mac, fixedIps, securityGroups, allowedAddressPairs = [], portSecurity, connected } = nic;
  return [
    `"${network}"`,
    ...(mac === undefined ? [] : [`MAC ${mac}`]),
    ...(fixedIps === undefined ? [] : [fixedIps.length === 0 ? 'no IP' : `IP ${fixedIps.join(' ')}`]),
    ...(securityGroups === undefined ? [] : [groupsText(securityGroups)]),
    ...allowedAddressPairs.map(({ ip, mac: pairMac }) => `also ${ip}${pairMac === undefined ? '' : ` with MAC ${pairMac}`}`),
    ...(portSecurity === undefined ? [] : [`port security ${portSecurity ? 'on' : 'off'}`]),
    ...(connected === false ? ['not connected'] : []),
  ].join(', ');
}

const groupsText = (groups: readonly string[]): string =>
  groups.length === 0
    ? 'no security group'
    : `security group${groups.length === 1 ? '' : 's'} ${groups.map((name) => `"${name}"`).join(' ')}`;

/** The rest of what the server is made with. */
export function serverNotes(
  { keyName, description, metadata = {}, tags = [] }: CreateServer['server'],
  availabilityZone: string | undefined,
): Attribute[] {
  const plus = (name: string, value: string): Attribute => ({ symbol: '+', name, value });
  return [
    ...(availabilityZone === undefined ? [] : [plus('availability_zone', `"${availabilityZone}"`)]),
    ...(keyName === undefined ? [] : [plus('key_name', `"${keyName}"`)]),
    ...(description === undefined ? [] : [plus('description', `"${description}"`)]),
    ...Object.entries(metadata).map(([key, value]) => plus(`metadata.${key}`, `"${value}"`)),
    ...(tags.length === 0 ? [] : [plus('tags', tags.map((tag) => `"${tag}"`).join(' '))]),
  ];
}
