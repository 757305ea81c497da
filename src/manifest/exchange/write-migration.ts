import { Document, isMap, isScalar, type YAMLMap } from 'yaml';
import { isPlainText } from '../../model/plain-text.js';
import { apiVersion } from '../schema/migration-shape.js';
import type { DraftNic, DraftServer, MigrationDraft } from './migration-draft.js';

/** The text of a Migration in phase seed, which does least: everything in it is meant to be read and changed. */
export function migrationText(name: string, draft: MigrationDraft): string {
  const document = new Document({
    apiVersion,
    kind: 'Migration',
    metadata: { name },
    spec: {
      source: { ...(draft.provider !== undefined && { provider: draft.provider }), ...draft.selector },
      ...targetOf(name, draft),
      phase: 'seed',
      hwMachineType: draft.machineType.value,
    },
  });
  document.commentBefore = [
    ` ${oneLine(draft.name)}`,
    ...draft.notes.map((note) => ` - ${oneLine(note)}`),
    ...(draft.leftOut ?? []).map((what) => ` - Not kept: ${oneLine(what)}`),
  ].join('\n');
  const spec = document.get('spec', true) as YAMLMap;
  commentOn(spec, 'phase', 'seed, sync or cutover');
  commentOn(spec, 'hwMachineType', `${draft.machineType.why}. Also: preserve, default, pc, q35, or an exact type`);
  if (draft.server === undefined) {
    commentOn(spec, 'phase', 'For a server at cutover: target: {server: {flavor: m1.large, networks: [prod-lan]}}', 'first');
  }
  return document.toString({ lineWidth: 120 });
}

/** A comment ends with its line: what others wrote must not become a field. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');

/** One address is written as people write it. */
const networkOf = ({ network, mac, fixedIps, ...rest }: DraftNic): object => ({
  network,
  mac: mac ?? 'keep',
  ...(fixedIps !== undefined && (fixedIps.length === 1 ? { fixedIp: fixedIps[0] } : { fixedIps })),
  ...rest,
});

function serverOf(name: string, called: string, { nics, securityGroups, ...rest }: DraftServer): object {
  return {
    // A name that is no name of a manifest would be lost.
    ...(called !== name && isPlainText(called) && { name: called }),
    ...rest,
    networks: nics.map(networkOf),
    ...(securityGroups.length > 0 && { securityGroups }),
  };
}

function targetOf(name: string, { name: called, server, imageMetadata, volumeType, availabilityZone }: MigrationDraft): object {
  const target = {
    ...(volumeType !== undefined && { volumeType }),
    ...(availabilityZone !== undefined && { availabilityZone }),
    ...(server !== undefined && { server: serverOf(name, called, server) }),
    ...(imageMetadata !== undefined && Object.keys(imageMetadata).length > 0 && { imageMetadata }),
  };
  return Object.keys(target).length === 0 ? {} : { target };
}

/** Above a field. `first`: above what was said there already. */
function commentOn(map: YAMLMap, field: string, text: string, place: 'last' | 'first' = 'last'): void {
  const key = map.items.find(({ key: candidate }) => isScalar(candidate) && candidate.value === field)?.key;
  if (!isMap(map) || !isScalar(key)) return;
  const lines = [key.commentBefore, ` ${text}`].filter((line) => line != null && line !== '');
  key.commentBefore = (place === 'first' ? lines.toReversed() : lines).join('\n');
}

const NAME_MAX = 80;

/** Fit for metadata.name and a file: letters, digits, dots, dashes, underscores. Names used before get a piece of the id. */
export function migrationName(draft: MigrationDraft, used: ReadonlySet<string>): string {
  const plain = draft.name
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, NAME_MAX);
  const id = 'server' in draft.selector ? draft.selector.server : draft.selector.instanceUuid;
  if (plain !== '' && !used.has(plain)) return plain;
  return `${(plain === '' ? 'vm' : plain).slice(0, NAME_MAX - 9)}-${id.slice(0, 8)}`;
}

/** File names and texts, one Migration each. */
export function migrationFiles(drafts: readonly MigrationDraft[]): { readonly name: string; readonly text: string }[] {
  const used = new Set<string>();
  return drafts.map((draft) => {
    const name = migrationName(draft, used);
    used.add(name);
    return { name, text: migrationText(name, draft) };
  });
}
