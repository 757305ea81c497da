import { expect } from 'vitest';
import { loadFiles, migrationText, projectText } from '../manifest/in-folder.js';
import type { Trial } from './tried.js';

/**
 * Fields of a provider that an answer of a cloud or a vCenter makes necessary. Here they are read as they stand in the advice; what
 * the provider does with them is in test/providers.
 */
const advised: readonly { readonly advice: string; readonly fill?: string }[] = [
  {
    advice: 'If it is right, write at the provider in migplan.yaml: access: {type: cinder, iscsi: {portals: ["<…>"]}}.',
    fill: '192.0.2.10:3260',
  },
  {
    advice: 'If it is right, write at the provider in migplan.yaml: access: {type: cinder, nfs: {exports: ["<…>"]}}.',
    fill: 'filer:/exports/cinder',
  },
  {
    advice:
      'Only volumes on Ceph RBD can be read in place; any other by way of a server of that cloud: access: {type: nova, server: NAME}.',
  },
  {
    advice: 'Use a volume type that is served by Ceph RBD, iSCSI or NFS, or access: {type: nova, ...} in the Project.',
  },
  { advice: 'Use a volume type without encryption, or access: {type: nova, ...} in the Project.' },
  {
    advice:
      "Write access: {type: cinder, rbd: {conf: /etc/ceph/ceph.conf, user: cinder}} at the provider in migplan.yaml; the user's keyring has to be readable.",
  },
  {
    advice:
      "Write access: {type: cinder, rbd: {conf: /etc/ceph/old.conf, user: cinder}} at the provider in migplan.yaml; the user's keyring has to be readable.",
  },
  {
    advice:
      'Write the folder of the backend on this machine at the provider in migplan.yaml: access: {type: cinder, local: {folders: [/var/lib/cinder/volumes]}}.',
  },
  {
    advice:
      'leave conversionHost out, and let the provider reach its conversion server: access: {type: nova, server: NAME, ssh: {host: <…>}}',
    fill: 'conv',
  },
  { advice: 'trust the authority that signed it: set tls: {caFile: FILE} for the provider in the Project' },
  {
    advice: 'or compare the thumbprint with what vCenter\'s administrators say, and set tls: {thumbprint: "<…>"}',
    fill: 'A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D',
  },
];

async function reads(advice: string, fill: string): Promise<void> {
  const [, field, value = ''] = /(access|tls): (\{.*\})/.exec(advice.replace('<…>', fill)) ?? [];
  const written = `${field}: ${value.replace('...', 'server: NAME')}`;
  const project =
    field === 'tls'
      ? projectText().replace('server: vc.example.com', `server: vc.example.com, ${written}`)
      : projectText().replace('access: {type: cinder}', written);
  expect(project).toContain(written);
  const loaded = await loadFiles({ 'migplan.yaml': project, 'manifests/vm.yaml': migrationText('web01') });
  expect(loaded.diagnostics.map(({ detail }) => detail)).toEqual([]);
}

export const providerTrials: readonly Trial[] = advised.map(({ advice, fill = '' }) => ({
  advice,
  run: () => reads(advice, fill),
}));
