import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EstateVolume } from '../../lab/estate/target-project.js';
import { catalog } from '../../src/diag/catalog.js';
import { tally } from './figures.js';
import { recordOf } from './oracle.js';
import type { Played, Run } from './played.js';
import type { Told } from './programs-under-test.js';
import type { Station } from './story.js';

/** Only people can help: the guest does not go down, the room is not there, or it takes the copied guest to see what is wrong. */
const PEOPLE = new Set([
  ...['MP5007', 'MP4004', 'MP2019', 'MP6004', 'MP6006', 'MP7003', 'MP7004'],
  ...['MP2052', 'MP2053', 'MP2054', 'MP2055', 'MP2056', 'MP2058'],
]);
const ROUNDS_MAX = 5;

/** What holds of every command, however it ended. */
function judgeAny(player: Played, at: Station, { exit, errors, blocked, text }: Told): void {
  const { oracle } = player;
  for (const code of [...errors, ...blocked]) {
    if (code === 'MP9001') oracle.complain('a bug', text.slice(text.indexOf('MP9001') - 200, 1500));
    if (!(code in catalog)) oracle.complain('unknown code', code);
  }
  if ([...errors, ...blocked].includes('MP2017') && overlaysHere(player, at))
    oracle.complain('the overlay is here', lastLines(text));
  if (exit !== 0 && errors.length + blocked.length === 0)
    oracle.complain('failed without a reason', `exit ${exit}: ${lastLines(text)}`);
}

/** `plan`: the saved plan's file. */
export function judgeSaved(player: Played, { at, plan }: { readonly at: Station; readonly plan: string }, told: Told): void {
  judgeAny(player, at, told);
  if (told.exit !== 0 || told.text.includes('"type":"already_applied"')) return;
  const { blocked } = JSON.parse(readFileSync(plan, 'utf8')) as { blocked: readonly unknown[] };
  if (blocked.length > 0) player.oracle.complain('exit 0 and blocked', JSON.stringify(blocked));
  else if (told.text.includes('"type":"change_summary"')) expectDone(player, at);
}

/** Overlays of a conversion whose merge began are where they were made, and need not be looked for elsewhere. */
function overlaysHere({ estate, stations }: Played, at: Station): boolean {
  const here = stations[at]!.leftovers();
  const begun = [...estate.project.volumes.values()].flatMap((volume) => {
    const record = recordOf(volume);
    return record?.state.kind === 'committing' ? [record.run] : [];
  });
  return begun.some((run) => estate.machine.disks.every(({ key }) => here.includes(`runs/${run}/overlays/app/${key}.qcow2`)));
}

export function judgeGo(player: Played, at: Station, told: Told): void {
  judgeAny(player, at, told);
  if (told.exit !== 0) return;
  if (told.blocked.length > 0) player.oracle.complain('exit 0 and blocked', `blocked by ${told.blocked.join(', ')}`);
  else if (player.present) expectDone(player, at);
}

/** Exit 0 means: what the manifest asks for is there, and nothing of ours is left. */
function expectDone(player: Played, at: Station): void {
  const { oracle, estate, wish, stations } = player;
  const { machine, project } = estate;
  const isCutover = wish.phase === 'cutover';
  for (const { key } of machine.disks) {
    const records = [...project.volumes.values()].flatMap((volume) => {
      const record = recordOf(volume);
      return record?.identity.disk === key ? [record] : [];
    });
    const kinds = records.map(({ state }) => state.kind).join(' and ') || 'no volume';
    if (kinds !== (isCutover ? 'converted' : 'clean')) oracle.complain('exit 0 and not done', `disk ${key}: ${kinds}`);
  }
  const wantsServer = isCutover && wish.networks !== undefined;
  if (wantsServer && project.servers.size !== 1) oracle.complain('exit 0 and no server', `${project.servers.size} servers`);
  const left = ownLeftovers(player, at);
  if (left.length > 0) oracle.complain('exit 0 and left behind', left.join(', '));
  const here = stations[at]!.leftovers();
  if (here.length > 0) oracle.complain('exit 0 and left behind', here.join(', '));
}

/** Snapshots of this station, and volumes that nobody but a run of ours can be holding. */
function ownLeftovers(player: Played, at: Station): string[] {
  const { estate } = player;
  const lineage = lineageOf(player, at);
  if (lineage === '') return [];
  const snapshots = [...estate.machine.snapshots.values()].filter(({ description }) => description.includes(lineage));
  return [...snapshots.map(({ name }) => `snapshot ${name}`), ...heldByRuns(estate).map(({ name }) => `attachment of ${name}`)];
}

/** '' before the first apply. */
function lineageOf({ stations, shared }: Played, at: Station): string {
  if (shared !== undefined) return shared.lineage;
  const state = join(stations[at]!.state, 'state.json');
  return existsSync(state) ? (JSON.parse(readFileSync(state, 'utf8')) as { lineage: string }).lineage : '';
}

/** People attach to a server. */
const heldByRuns = ({ project }: Played['estate']): EstateVolume[] =>
  [...project.volumes.values()].filter(({ attachments }) => [...attachments.values()].includes(undefined));

/**
 * When nothing more happens, each station runs again until it is done or says what people must do, and what is done leaves
 * nothing anywhere.
 */
export async function settle(player: Played): Promise<void> {
  const { oracle, figures } = player;
  const ends: string[] = [];
  await player.shared?.timePasses();
  for (const at of [0, 1, 0] as const) {
    const end = await runUntilItStands(player, at);
    ends.push(end);
    oracle.expectNone();
  }
  tally(figures.ends, ends.at(-1)!);
  if (!ends.every((end) => end === 'converged') || player.stateless.size > 0 || !player.present) return;
  const held = heldByRuns(player.estate);
  if (held.length > 0) oracle.complain('left behind', `attachments of ${held.map(({ name }) => name).join(', ')}`);
  const snapshots = [...player.estate.machine.snapshots.values()].filter(({ name }) => name.startsWith('migplan-'));
  if (snapshots.length > 0) oracle.complain('left behind', snapshots.map(({ name }) => name).join(', '));
  oracle.expectNone();
}

async function runUntilItStands(player: Played, at: Station): Promise<string> {
  let before: string | undefined;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const run = await player.go(at, { cutover: true, fate: {} });
    const end = endOf(run);
    if (end === 'converged' || end === before) return checked(player, end, run);
    before = end;
  }
  player.oracle.wrong('never settles', `${ROUNDS_MAX} runs, the last: ${before}`);
  return before ?? '';
}

function endOf(run: Run): string {
  if (run.died) return 'died';
  const codes = [...new Set([...run.errors, ...run.blocked])].sort();
  return codes.length === 0 && run.exit === 0 ? 'converged' : codes.join(' ');
}

/** What a plan blocks on is said before anything is touched; what fails again and again in the middle is not. */
function checked(player: Played, end: string, run: Run): string {
  if (run.died || end === 'converged') return end;
  const inTheMiddle = run.text.includes('"type":"apply_start"') && !run.errors.some((code) => PEOPLE.has(code));
  if (inTheMiddle) player.oracle.wrong('fails each time', `${end}: ${lastLines(run.text)}`);
  return end;
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join('\n').slice(-1500);
