import { schemaFiles, schemaText } from '../manifest/schema/schema.js';

/** What `migplan init` writes: path in the project folder, and text. */
export function starterFiles(): readonly { readonly path: string; readonly text: string }[] {
  return [
    { path: 'migplan.yaml', text: project },
    { path: 'manifests/example.yaml', text: migration },
    { path: '.gitignore', text: '# What migplan keeps for itself, and secrets\n/.migplan/\n/secure.yaml\n' },
    { path: `schemas/${fileName('Project')}`, text: schemaText('Project') },
    { path: `schemas/${fileName('Migration')}`, text: schemaText('Migration') },
  ];
}

const fileName = (kind: 'Project' | 'Migration'): string => schemaFiles[kind].replace(/^.*\//, '');

const project = `# yaml-language-server: $schema=schemas/${fileName('Project')}
apiVersion: migplan.dev/v1alpha1
kind: Project
metadata: {name: my-migration}
spec:
  providers:
    vcenter:
      type: vmware
      server: vcenter.example.com
      user: env:GOVC_USERNAME
      password: env:GOVC_PASSWORD
      tls: {caFile: vcenter-ca.pem} # or {thumbprint: "AA:BB:..."}
      reader: {type: vddk, libdir: /opt/vmware-vix-disklib-distrib}
    openstack:
      type: openstack
      cloud: mycloud # an entry of clouds.yaml
      access: {type: cinder}
  include: [manifests/**/*.yaml]
`;

const migration = `# yaml-language-server: $schema=../schemas/${fileName('Migration')}
apiVersion: migplan.dev/v1alpha1
kind: Migration
metadata: {name: example}
spec:
  source: {provider: vcenter, vm: /Datacenter/vm/example}
  target:
    provider: openstack
    server: {flavor: m1.small, networks: [private]}
  phase: seed # then sync, as often as you like, then cutover
`;
