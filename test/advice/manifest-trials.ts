import { migrationText, projectText } from '../manifest/in-folder.js';
import { nightly, resource, retarget, span } from './manifest-lines.js';
import { filesTrial, projectTrial, providerTrial, specTrial, textTrial } from './manifest-trial.js';
import type { Trial } from './tried.js';

const kinds: readonly Trial[] = [
  filesTrial({
    advice: 'Write these four fields at the start of lines, or take the file out of spec.include',
    bad: { 'manifests/x.yaml': '- apiVersion: migplan.dev/v1alpha1\n' },
    good: { 'manifests/x.yaml': migrationText('other') },
  }),
  filesTrial({
    advice: 'Write these four fields at the start of lines, or take the file out of spec.include',
    bad: { 'manifests/x.yaml': '- apiVersion: migplan.dev/v1alpha1\n' },
    good: {
      'manifests/x.yaml': '- apiVersion: migplan.dev/v1alpha1\n',
      'migplan.yaml': projectText('  include: [manifests/vm.yaml]'),
    },
  }),
  textTrial(
    'Write: apiVersion: <…>',
    (text) => text.replace('v1alpha1', 'v1beta1'),
    (text) => text,
  ),
  textTrial(
    'Write kind: Migration (one VM) or kind: Project (migplan.yaml), or take the file out of spec.include',
    (text) => text.replace('kind: Migration\n', ''),
    (text) => text,
  ),
  textTrial(
    'Did you mean <…>? Write: kind: <…>',
    (text) => text.replace('kind: Migration', 'kind: Migratoin'),
    (text) => text,
  ),
  textTrial(
    'Write kind: Migration (one VM) or kind: Project (migplan.yaml)',
    (text) => text.replace('kind: Migration', 'kind: Pod'),
    (text) => text,
  ),
  filesTrial({
    advice: 'Add one: apiVersion: <…>, kind: Project, metadata, spec',
    bad: { 'migplan.yaml': migrationText('other') },
    good: { 'migplan.yaml': projectText() },
  }),
];

const fields: readonly Trial[] = [
  textTrial(
    'Put what manifests share into spec.defaults of the Project, or write the fields themselves',
    (text) => `${text}  <<: {phase: sync}\n`,
    (text) => `${text}  phase: sync\n`,
  ),
  filesTrial({
    advice: 'Put what manifests share into spec.defaults of the Project, or write the fields themselves',
    bad: { 'manifests/vm.yaml': migrationText('web01', '  <<: {phase: sync}') },
    good: { 'migplan.yaml': projectText('  defaults: {phase: sync}') },
  }),
  specTrial('Did you mean <…>?', '  cbt_sync: false', '  cbtSync: false'),
  specTrial(
    'Did you mean <…>?',
    '  window: {cron: "0 22 * * *", duration: 6h, timezone: Europe/Madird}',
    '  window: {cron: "0 22 * * *", duration: 6h, timezone: Europe/Madrid}',
  ),
  specTrial('Fields of <…>: <…>', '  colour: red', '  verify: full'),
  providerTrial(
    'Add <…>',
    '{type: openstack, access: {type: cinder, rbd: {conf: ceph.conf}}}',
    '{type: openstack, access: {type: cinder, rbd: {conf: ceph.conf, user: cinder}}}',
  ),
  providerTrial(
    'Add <…><…>',
    '{type: openstack, access: {type: cinder, rbd: {conf: ceph.conf}}}',
    '{type: openstack, access: {type: cinder, rbd: {conf: ceph.conf, user: cinder}}}',
  ),
  providerTrial('Add <…>', '{type: openstack, access: {}}', '{type: openstack, access: {type: cinder}}'),
  retarget(
    '<…> (here, or for all manifests in spec.defaults of the Project)',
    '  target: {volumeType: ssd}',
    '  target: {volumeType: ssd, provider: cloud}',
  ),
  filesTrial({
    advice: '<…> (here, or for all manifests in spec.defaults of the Project)',
    bad: { 'manifests/vm.yaml': migrationText('web01').replace('{provider: cloud}', '{volumeType: ssd}') },
    good: {
      'manifests/vm.yaml': migrationText('web01').replace('{provider: cloud}', '{volumeType: ssd}'),
      'migplan.yaml': projectText('  defaults: {target: {provider: cloud}}'),
    },
  }),
  textTrial(
    'Start with a letter or digit and go on with letters, digits, dots, dashes or underscores, at most <…> in all',
    (text) => text.replace('{name: web01}', '{name: web01, labels: {"a b": c}}'),
    (text) => text.replace('{name: web01}', '{name: web01, labels: {a-b: c}}'),
  ),
  resource('Add one of them to <…><…>', '  source: {provider: vc}', '  source: {provider: vc, vm: /DC1/vm/erp/erp-db01}'),
  resource(
    'Keep one and remove <…>',
    '  source: {provider: vc, vm: /DC1/vm/web01, moref: vm-42}',
    '  source: {provider: vc, vm: /DC1/vm/web01}',
  ),
  specTrial(
    'Give start and end, or cron, duration and timezone',
    span('start: "2026-11-22T22:00:00Z"'),
    span('start: "2026-11-22T22:00:00Z", end: "2026-11-23T04:00:00Z"'),
  ),
  specTrial(
    'Give start and end, or cron, duration and timezone',
    span('cron: "0 22 * * *"'),
    span('cron: "0 22 * * *", duration: 6h, timezone: Europe/Madrid'),
  ),
  ...[
    'start: "2026-11-22T22:00:00Z", end: "2026-11-23T04:00:00Z"',
    'cron: "0 22 * * *", duration: 6h, timezone: Europe/Madrid',
  ].map((kept) =>
    specTrial(
      'Keep start and end for one time span, or cron, duration and timezone for a repeating one',
      span(
        'start: "2026-11-22T22:00:00Z", end: "2026-11-23T04:00:00Z", cron: "0 22 * * *", duration: 6h, timezone: Europe/Madrid',
      ),
      span(kept),
    ),
  ),
];

const names: readonly Trial[] = [
  resource(
    'Did you mean <…>? Write: provider: <…>',
    '  source: {provider: vcc, vm: /DC1/vm/web01}',
    '  source: {provider: vc, vm: /DC1/vm/web01}',
  ),
  retarget('Providers of type <…>: <…>', '  target: {provider: vc}', '  target: {provider: cloud}'),
  filesTrial({
    advice: 'Add a provider of type <…> to spec.providers of the Project',
    bad: { 'migplan.yaml': projectText().replace(/^ {4}cloud: .*$/m, '') },
    good: {},
  }),
  filesTrial({
    advice: 'Did you mean <…>? Write: window: <…>',
    bad: { 'migplan.yaml': projectText(nightly), 'manifests/vm.yaml': migrationText('web01', '  window: nightli') },
    good: { 'migplan.yaml': projectText(nightly), 'manifests/vm.yaml': migrationText('web01', '  window: nightly') },
  }),
  filesTrial({
    advice: 'Windows of the Project: <…>',
    bad: { 'migplan.yaml': projectText(nightly), 'manifests/vm.yaml': migrationText('web01', '  window: weekends') },
    good: { 'migplan.yaml': projectText(nightly), 'manifests/vm.yaml': migrationText('web01', '  window: nightly') },
  }),
  filesTrial({
    advice: 'Add it to spec.windows of the Project, or write start and end here',
    bad: { 'manifests/vm.yaml': migrationText('web01', '  window: nightly') },
    good: { 'migplan.yaml': projectText(nightly), 'manifests/vm.yaml': migrationText('web01', '  window: nightly') },
  }),
  specTrial(
    'Add it to spec.windows of the Project, or write start and end here',
    '  window: nightly',
    span('start: 2026-11-22T22:00:00Z, end: 2026-11-23T04:00:00Z'),
  ),
  projectTrial(
    'Write a manifest there, or correct spec.include (** stands for any number of folders)',
    '  include: [manifests/*.yaml, nowhere/**/*.yaml]',
    '  include: [manifests/*.yaml]',
  ),
  filesTrial({
    advice: 'Write a manifest there, or correct spec.include (** stands for any number of folders)',
    bad: { 'migplan.yaml': projectText('  include: [manifests/*.yaml, nowhere/**/*.yaml]') },
    good: {
      'migplan.yaml': projectText('  include: [manifests/*.yaml, nowhere/**/*.yaml]'),
      'nowhere/a/b.yaml': migrationText('other'),
    },
  }),
  filesTrial({
    advice: 'Rename it to end in .<…>, or add <…> to spec.include',
    bad: { 'migplan.yaml': projectText('  include: [manifests/*.yaml]'), 'manifests/b.yml': migrationText('b') },
    good: { 'migplan.yaml': projectText('  include: [manifests/*.yaml]'), 'manifests/b.yaml': migrationText('b') },
  }),
  filesTrial({
    advice: 'Rename it to end in .<…>, or add <…> to spec.include',
    bad: { 'migplan.yaml': projectText('  include: [manifests/*.yaml]'), 'manifests/b.yml': migrationText('b') },
    good: {
      'migplan.yaml': projectText('  include: [manifests/*.yaml, manifests/*.yml]'),
      'manifests/b.yml': migrationText('b'),
    },
  }),
  textTrial(
    'Write the values themselves, or put what manifests share into spec.defaults of the Project',
    (text) => `${text}  x: [&a {phase: sync}${', *a'.repeat(2000)}]\n`,
    (text) => `${text}  phase: sync\n`,
  ),
  textTrial(
    'Remove the tag; name secrets as env:NAME or file:/path',
    (text) => `${text}  phase: !vault seed\n`,
    (text) => `${text}  phase: seed\n`,
  ),
  textTrial(
    'Remove one <…>',
    (text) => `${text}  phase: seed\n  phase: sync\n`,
    (text) => `${text}  phase: seed\n`,
  ),
  textTrial(
    'Write: name: value',
    (text) => `${text}  phase\n  verify: full\n`,
    (text) => `${text}  phase: seed\n  verify: full\n`,
  ),
];

export const manifestTrials: readonly Trial[] = [...kinds, ...fields, ...names];
