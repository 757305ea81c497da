import type { MachineTraits } from '../../lab/estate/source-machine.js';
import type { Wish } from './story.js';

export function projectText({ place }: MachineTraits, shared?: string): string {
  const source =
    place === 'cloud'
      ? '{type: openstack, cloud: old, access: {type: cinder}}'
      : '{type: vmware, server: vc.example.com, user: migrator, password: env:PASSWORD, reader: {type: vddk, libdir: /opt/vddk}}';
  return `apiVersion: migplan.dev/v1alpha1
kind: Project
metadata: {name: campaign}
spec:
  providers:
    src: ${source}
    dst: {type: openstack, cloud: new, access: {type: cinder}}
  include: [manifests/*.yaml]
${shared === undefined ? '' : `  state: {type: pg, url: "env:STATE_URL", name: ${shared}}\n`}`;
}

export function manifestText({ place, nics }: MachineTraits, wish: Wish): string {
  const { bootDisk, phase, cbtSync, verify, reseed, adopt = false, finalSync, volumeType, force, hardware } = wish;
  return `apiVersion: migplan.dev/v1alpha1
kind: Migration
metadata: {name: app}
spec:
  source: ${place === 'cloud' ? '{provider: src, server: app}' : '{provider: src, vm: /DC1/vm/app}'}
  target: {provider: dst, volumeType: ${volumeType}${serverText(nics, wish)}${hardware === undefined ? '' : `, hardware: ${hardware}`}}
  phase: ${phase}
${bootDisk === undefined ? '' : `  bootDisk: "${2000 + bootDisk}"\n`}${cbtSync === undefined ? '' : `  cbtSync: ${cbtSync}\n`}  verify: ${verify}
  reseed: ${reseed === true ? 'once' : reseed === false ? 'never' : reseed}
  adopt: ${adopt}
  finalSync: ${finalSync}
  shutdown: {timeout: 2s, force: ${force}}
  sync: {maxAge: 0s}
`;
}

const numbered = (count: number, text: (index: number) => string): string =>
  Array.from({ length: Math.max(0, count) }, (_, index) => text(index)).join(', ');

function serverText(nics: number, { networks, flavor }: Wish): string {
  const server = (list: string): string => `, server: {flavor: ${flavor}, networks: [${list}]}`;
  const net = (index: number): string => `net-${index}`;
  if (networks === undefined) return '';
  switch (networks) {
    case 'mapped':
      return `, server: {flavor: ${flavor}}, mapping: {networks: {${numbered(nics, (index) => `old-net-${index}: net-${index}`)}}}`;
    case 'each':
      return server(numbered(nics, net));
    case 'fewer':
      return server(numbered(nics - 1, net));
    case 'more':
      return server(numbered(nics + 1, net));
    case 'skip first':
      return server(numbered(nics, (index) => (index === 0 ? 'skip' : net(index))));
  }
}
