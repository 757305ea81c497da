import { schemaFiles, schemaText } from '../manifest/schema/schema.js';

/** What a project is between; what nobody has said yet is there to be edited. */
export interface Starting {
  readonly vcenter: string;
  /** An entry of clouds.yaml. */
  readonly cloud: string;
}

export const startingDefaults: Starting = { vcenter: 'vcenter.example.com', cloud: 'mycloud' };

interface StarterFile {
  readonly path: string;
  readonly text: string;
}

/** Only for a project that has no manifest: one more VM than somebody has would be planned. */
export const exampleFile: StarterFile = { path: 'manifests/example.yaml', text: migrationText() };

/** What is not for git: what migplan keeps for itself, and secrets. */
export const ignored = { path: '.gitignore', lines: ['/.migplan/', '/secure.yaml'] } as const;

/** What `migplan init` writes besides, in this order: path in the project folder, and text. */
export function starterFiles(starting: Starting = startingDefaults): readonly StarterFile[] {
  return [
    { path: 'migplan.yaml', text: projectText(starting) },
    { path: ignored.path, text: `# What migplan keeps for itself, and secrets\n${ignored.lines.join('\n')}\n` },
    { path: `schemas/${fileName('Project')}`, text: schemaText('Project') },
    { path: `schemas/${fileName('Migration')}`, text: schemaText('Migration') },
  ];
}

function fileName(kind: 'Project' | 'Migration'): string {
  return schemaFiles[kind].replace(/^.*\//, '');
}

/** As YAML: plain where that cannot be read as anything else. */
const scalar = (text: string): string =>
  /^[A-Za-z][\w-]*(\.[\w-]+)*$/.test(text) && !/^(null|true|false|yes|no|on|off|y|n)$/i.test(text) ? text : JSON.stringify(text);

const projectText = ({ vcenter, cloud }: Starting): string => `# yaml-language-server: $schema=schemas/${fileName('Project')}
apiVersion: migplan.dev/v1alpha1
kind: Project
metadata: {name: my-migration}
spec:
  providers:
    vcenter:
      type: vmware
      server: ${scalar(vcenter)}
      user: env:GOVC_USERNAME
      password: env:GOVC_PASSWORD
      tls: {caFile: vcenter-ca.pem} # or {thumbprint: "AA:BB:..."}
      reader: {type: vddk, libdir: /opt/vmware-vix-disklib-distrib}
    openstack:
      type: openstack
      cloud: ${scalar(cloud)} # an entry of clouds.yaml
      access: {type: cinder}
  include: [manifests/**/*.yaml]
`;

function migrationText(): string {
  return `# yaml-language-server: $schema=../schemas/${fileName('Migration')}
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
}
