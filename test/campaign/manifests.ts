import type { MachineTraits } from '../../lab/estate/source-machine.js';
import type { Wish } from './story.js';

export function projectText({ place }: MachineTraits): string {
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
`;
}

export function manifestText({ place, nics }: MachineTraits, wish: Wish): string {
  const { phase, cbtSync, verify, reseed, finalSync, networks, volumeType, flavor, force } = wish;
  const mapping = `mapping: {networks: {${Array.from({ length: nics }, (_, index) => `old-net-${index}: net-${index}`).join(', ')}}}`;
  const listed = Array.from({ length: networks ?? 0 }, (_, index) => `net-${index}`).join(', ');
  const server =
    place === 'cloud' ? `server: {flavor: ${flavor}}, ${mapping}` : `server: {flavor: ${flavor}, networks: [${listed}]}`;
  return `apiVersion: migplan.dev/v1alpha1
kind: Migration
metadata: {name: app}
spec:
  source: ${place === 'cloud' ? '{provider: src, server: app}' : '{provider: src, vm: /DC1/vm/app}'}
  target: {provider: dst, volumeType: ${volumeType}${networks === undefined ? '' : `, ${server}`}}
  phase: ${phase}
${cbtSync === undefined ? '' : `  cbtSync: ${cbtSync}\n`}  verify: ${verify}
  reseed: ${reseed ? 'once' : 'never'}
  finalSync: ${finalSync}
  shutdown: {timeout: 2s, force: ${force}}
`;
}
