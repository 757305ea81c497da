import { migrationText, projectText } from '../manifest/in-folder.js';
import { nightly, ports, resource, retarget, span, target } from './manifest-lines.js';
import { filesTrial, projectTrial, specTrial, textTrial } from './manifest-trial.js';
import type { Trial } from './tried.js';

const values: readonly Trial[] = [
  specTrial('Write for example: <…>', '  limits: {delta: 10}', '  limits: {\n    delta: 10GiB}'),
  specTrial('Write for example: <…>', '  sync: {maxAge: "a day"}', '  sync: {\n    maxAge: 20m}'),
  specTrial('Give <…> a value, or remove the line', '  phase:', '  phase: seed'),
  specTrial('Give <…> a value, or remove the line', '  phase:', ''),
  specTrial('Write <…>', '  phase: 7', '  phase: seed'),
  specTrial('Write <…>', '  phase: done', '  phase: seed'),
  specTrial('Write: <…>', '  limits: {delta: 10 GB}', '  limits: {\n    delta: 10GiB}'),
  retarget('Write: <…>', target('volumeType: 7'), target('volumeType: "7"')),
  retarget(
    'Write: <…>',
    target('server: {flavor: m1, networks: prod-lan}'),
    target('server: {flavor: m1, networks: [prod-lan]}'),
  ),
  resource(
    'Write the fields of <…> on lines of their own, indented: <…>',
    '  source: /DC1/vm/web01',
    '  source:\n    provider: vc\n    vm: /DC1/vm/web01',
  ),
  projectTrial(
    'Write the entries of <…> on lines of their own, indented: NAME: VALUE',
    `${nightly.replace('{nightly', '[{nightly')}]`,
    nightly.replace('{nightly: {cron', '\n    nightly: {cron').replace(/\}$/, ''),
  ),
  specTrial('Write <…>: true or <…>: false', '  cbtSync: maybe', '  cbtSync: true'),
  specTrial('Write: <…>: <…>', '  cbtSync: yes', '  cbtSync: true'),
  specTrial('Did you mean <…>? Write: <…>: <…>', '  verify: samples', '  verify: sample'),
  projectTrial('Write for example: <…>: <…>', '  limits: {transfers: 0}', '  limits: {transfers: 2}'),
  retarget('Give <…> a value, or remove it', target('volumeType: ""'), target('volumeType: ssd')),
  retarget('Give <…> a value, or remove it', target('volumeType: ""'), '  target: {provider: cloud}'),
  specTrial(
    'Write for example: <…>: 2026-11-22T22:00:00Z',
    span('start: 2026-02-30T22:00:00Z, end: 2026-11-23T04:00:00Z'),
    span('\n    start: 2026-11-22T22:00:00Z,\n    end: 2026-11-23T04:00:00Z'),
  ),
  specTrial(
    'Give an end that is later than start',
    span('start: 2026-11-22T22:00:00Z, end: 2026-11-22T21:00:00Z'),
    span('start: 2026-11-22T22:00:00Z, end: 2026-11-22T23:00:00Z'),
  ),
  specTrial(
    'Write for example: cron: "0 22 * * *" (each day at 22:00)',
    span('cron: "0 25 * * *", duration: 6h, timezone: Europe/Madrid'),
    span('cron: "0 22 * * *", duration: 6h, timezone: Europe/Madrid'),
  ),
  specTrial(
    'Write for example: timezone: Europe/Madrid',
    span('cron: "0 22 * * *", duration: 6h, timezone: Xyzzy/Qwertyuiop'),
    span('cron: "0 22 * * *", duration: 6h, timezone: Europe/Madrid'),
  ),
  ...['fixedIp: 10.20.4.310', 'fixedIps: [10.20.4.310]', 'allowedAddressPairs: [{ip: 10.20.4.310}]'].map((entry) =>
    retarget('Write for example: <…>', ports(`{network: lan, ${entry}}`), ports(`{network: lan, ${entry.replace('310', '31')}}`)),
  ),
  ...[
    ['10.20.4.0/99', '10.20.4.0/28'],
    ['fd00:20::/129', 'fd00:20::/64'],
  ].map(([wrong, right]) =>
    retarget(
      'Write for example: <…>',
      ports(`{network: lan, allowedAddressPairs: [{ip: "${wrong}"}]}`),
      ports(`{network: lan, allowedAddressPairs: [{ip: ${right}}]}`),
    ),
  ),
  retarget(
    'Write: hwMachineType: <…>, and remove <…>',
    target('imageMetadata: {hw_machine_type: q35}'),
    '  target: {provider: cloud}\n  hwMachineType: q35',
  ),
  retarget('Remove <…>', target('imageMetadata: {hw_firmware_type: uefi}'), '  target: {provider: cloud}'),
  specTrial('Did you mean <…>? Write: hwMachineType: <…>', '  hwMachineType: perserve', '  hwMachineType: preserve'),
  specTrial('Remove <…>, which follows from <…>', '  phase: sync\n  cbtSync: false', '  phase: sync'),
  specTrial('Remove <…>, which follows from <…>', '  phase: seed\n  cutover: true', '  phase: seed'),
  specTrial(
    'Or, to seed once and never again, write: phase: seed',
    '  phase: sync\n  cbtSync: false',
    '  phase: seed\n  cbtSync: false',
  ),
  specTrial(
    'Or, to shut down and convert the VM, write: phase: cutover',
    '  phase: seed\n  cutover: true',
    '  phase: cutover\n  cutover: true',
  ),
  specTrial(
    'Or, to bring the volumes up to date and keep the VM running, write: phase: sync',
    '  phase: cutover\n  cutover: false',
    '  phase: sync\n  cutover: false',
  ),
  ...['seed', 'sync'].map((phase) =>
    textTrial(
      'Remove rehearsal, and write phase: seed or phase: sync',
      (text) => text.replace('vm: ', 'rehearsal: true, vm: '),
      (text) => `${text}  phase: ${phase}\n`,
    ),
  ),
  retarget(
    'Add target.server.<…>, for example: <…> (here, or for all manifests in spec.defaults of the Project)',
    target('server: {networks: [lan]}'),
    target('server: {networks: [lan], flavor: m1.large}'),
  ),
  filesTrial({
    advice: 'Add target.server.<…>, for example: <…> (here, or for all manifests in spec.defaults of the Project)',
    bad: { 'manifests/vm.yaml': migrationText('web01').replace('{provider: cloud}', '{provider: cloud, server: {flavor: m1}}') },
    good: {
      'manifests/vm.yaml': migrationText('web01').replace('{provider: cloud}', '{provider: cloud, server: {flavor: m1}}'),
      'migplan.yaml': projectText('  defaults: {target: {server: {networks: [prod-lan]}}}'),
    },
  }),
];

export const valueTrials: readonly Trial[] = [...values];
