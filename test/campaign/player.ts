import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Estate } from '../../lab/estate/estate.js';
import type { MachineTraits } from '../../lab/estate/source-machine.js';
import { Station } from '../../lab/estate/station.js';
import { prng } from '../../lab/sim/prng.js';
import { type AttachmentId, type SnapshotRef, serverId } from '../../src/model/ids.js';
import { volumeName } from '../../src/model/own-names.js';
import { recordKeys } from '../../src/model/sync-record.js';
import { type Figures, tally } from './figures.js';
import { judgeGo, judgeSaved } from './judge.js';
import { manifestText, projectText } from './manifests.js';
import { Oracle } from './oracle.js';
import type { Played, Run } from './played.js';
import { apply, forceUnlock, type Place, plan, type Told } from './programs-under-test.js';
import type { SharedState, SharedStates } from './shared-state.js';
import type { Fate, Station as StationIndex, Step, Story, Wish } from './story.js';

/** Where and how stories are played. */
export interface Stage {
  /** Folder for worlds. */
  readonly scratch: string;
  readonly states: SharedStates;
  /** Rules, by the beginning of their name, that may be broken. */
  readonly passedOver?: readonly string[];
  /** Breaks something on purpose, to see that it is found. */
  readonly spoil?: (estate: Estate) => void;
}

/** What is done to manifests and states, and by runs. */
type ByRuns =
  | 'edit'
  | 'remove manifest'
  | 'restore manifest'
  | 'plan'
  | 'apply'
  | 'go'
  | 'lose state'
  | 'copy state'
  | 'time passes'
  | 'force unlock';

/** Plays one story: people and processes do its steps, one after the other, while the oracle looks on. */
export class Player implements Played {
  readonly root: string;
  readonly stations: readonly Station[];
  readonly estate: Estate;
  readonly oracle: Oracle;
  wish: Wish;
  /** Whether the manifest is there. */
  present = true;
  readonly stateless = new Set<StationIndex>();
  private acting: Station;
  private readonly elsewhere: AttachmentId[] = [];

  constructor(
    readonly story: Story,
    readonly figures: Figures,
    { scratch, passedOver = [], spoil }: Omit<Stage, 'states'>,
    readonly shared: SharedState | undefined,
  ) {
    this.root = mkdtempSync(join(scratch, 'world-'));
    this.stations = [new Station(join(this.root, 'a')), new Station(join(this.root, 'b'))];
    this.acting = this.stations[0]!;
    this.wish = story.wish;
    this.oracle = new Oracle(
      () => this.estate.machine,
      () => this.estate.project,
      passedOver,
    );
    this.estate = new Estate(story.seed, withPast(story), {
      onDeath: () => this.acting.freeze(),
      onPowerOff: () => this.oracle.onPowerOff(),
      onMetadata: (volume) => this.oracle.onMetadata(volume),
      onServer: (server) => this.oracle.onServer(server),
      complain: (what) => this.oracle.complain('written and not held', what),
    });
    spoil?.(this.estate);
    this.livePast();
    for (const station of this.stations) station.write('migplan.yaml', projectText(story.machine, shared?.project));
    this.writeManifest();
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private livePast(): void {
    const { machine } = this.estate;
    machine.guestWrites(3);
    if (this.story.past === 'plain' || machine.traits.place === 'cloud') return;
    machine.takeSnapshot('before', '');
    machine.guestWrites(3);
    if (this.story.past !== 'tracked late') return;
    machine.switchTracking(true);
    machine.removeSnapshot(machine.takeSnapshot('stun', '').ref);
  }

  private writeManifest(): void {
    const text = this.present ? manifestText(this.story.machine, this.wish) : undefined;
    for (const station of this.stations) station.write('manifests/app.yaml', text);
  }

  async step(step: Step): Promise<void> {
    tally(this.figures.steps, step.do);
    switch (step.do) {
      case 'edit':
        this.wish = { ...this.wish, ...step.wish };
        return this.writeManifest();
      case 'remove manifest':
      case 'restore manifest':
        this.present = step.do === 'restore manifest';
        return this.writeManifest();
      case 'plan':
        await this.plan(step.at, step.slot);
        return;
      case 'apply':
        await this.applySaved(step);
        return;
      case 'go':
        await this.go(step.at, step);
        return;
      case 'lose state':
        if (this.shared === undefined) this.stateless.add(step.at);
        return this.stations[step.at]!.loseState();
      case 'copy state':
        if (this.shared === undefined) this.stateless.add(1);
        return this.stations[1]!.copyState(this.stations[0]!);
      case 'time passes':
        return this.shared?.timePasses();
      case 'force unlock':
        return this.forceUnlock(step.at);
      default:
        return this.people(step);
    }
  }

  private people(step: Exclude<Step, { do: ByRuns }>): void {
    const { machine, project } = this.estate;
    switch (step.do) {
      case 'guest writes':
        return machine.guestWrites(step.count, prng(step.seed));
      case 'snapshot':
        return void machine.takeSnapshot(`by hand ${machine.snapshots.size}`, '');
      case 'drop snapshot':
        return this.withSnapshot(step.nth, (ref) => machine.removeSnapshot(ref));
      case 'revert':
        return this.withSnapshot(step.nth, (ref) => {
          machine.revertTo(ref);
          if (step.powerOn) machine.powerOn();
        });
      case 'tracking':
        return machine.switchTracking(step.on);
      case 'start tracking anew':
        return machine.startTrackingAnew();
      case 'extend':
        return machine.extend(step.disk, step.by);
      case 'add disk':
        return machine.addDisk(step.size);
      case 'remove disk':
        return machine.removeDisk(step.disk);
      case 'replace disk':
        return machine.replaceDisk(step.disk);
      case 'power':
        if (step.to === 'on') return machine.powerOn();
        if (step.to === 'plug') return machine.pullPlug();
        machine.power = machine.power === 'off' ? 'off' : step.to;
        return;
      case 'move storage':
        return step.resets ? machine.startTrackingAnew() : undefined;
      case 'tools':
        machine.tools = step.run;
        return;
      case 'consolidation':
        machine.needsConsolidation = step.needed;
        return;
      case 'delete volume':
        return void project.deleteVolume(step.nth);
      case 'delete server':
        return project.deleteServer();
      case 'attach elsewhere':
        return this.attachElsewhere(step.nth);
      case 'detach elsewhere':
        for (const id of this.elsewhere.splice(0)) project.detach(id);
        return;
      case 'edit metadata':
        return this.editMetadata(step);
      case 'seed elsewhere':
        return this.seedElsewhere(step.blocks);
      case 'quota':
        project.volumesLeft = step.volumes;
        return;
    }
  }

  /** Of those that people or runs have left; nobody reverts to what is not there. */
  private withSnapshot(nth: number, work: (ref: SnapshotRef) => void): void {
    const refs = [...this.estate.machine.snapshots.keys()];
    const ref = refs[nth % Math.max(1, refs.length)];
    if (ref !== undefined && this.estate.machine.traits.place === 'vcenter') work(ref);
  }

  private attachElsewhere(nth: number): void {
    const volume = this.estate.project.nth(nth);
    if (volume === undefined || volume.attachments.size > 0) return;
    this.elsewhere.push(this.estate.project.attach(volume, serverId('somebody')));
  }

  /** As vmware-migration-kit does it: the id is on the volume before the first byte, and is the one of now. */
  private seedElsewhere(blocks: number): void {
    const { machine, project } = this.estate;
    for (const { key, bytes } of machine.disks) {
      const name = volumeName('app', key);
      if ([...project.volumes.values()].some((volume) => volume.name === name)) continue;
      const metadata = { [recordKeys.osm]: 'true', [recordKeys.changeId]: 'ff/1', [recordKeys.converted]: 'false' };
      const volume = project.create({ name, sizeGiB: 1, type: this.wish.volumeType, metadata });
      volume.bootable = true;
      volume.durable.set(bytes.subarray(0, blocks));
      this.oracle.onForeign(volume);
    }
  }

  private editMetadata({ nth, how }: Extract<Step, { do: 'edit metadata' }>): void {
    const volume = this.estate.project.nth(nth);
    if (volume === undefined) return;
    const { [recordKeys.record]: record, ...rest } = volume.metadata;
    // Without a record, what says that it was converted would count.
    if (how === 'strip record' && rest[recordKeys.converted] !== 'true') {
      volume.metadata = rest;
      this.oracle.onStripped(volume);
    }
    if (how === 'other id') volume.metadata = { ...volume.metadata, [recordKeys.changeId]: 'ff/1' };
    // Without a record this would be a lie that nobody can see through.
    if (how === 'say converted' && record !== undefined) volume.metadata = { ...volume.metadata, [recordKeys.converted]: 'true' };
    if (how === 'note') volume.metadata = { ...volume.metadata, owner: 'somebody' };
  }

  private async plan(at: StationIndex, slot: number): Promise<void> {
    await this.run(at, { cutover: false, fate: {} }, (place) => plan(place, ['--out', this.planFile(slot)]));
  }

  private async applySaved({ at, slot, cutover, fate }: Extract<Step, { do: 'apply' }>): Promise<void> {
    const file = this.planFile(slot);
    if (!existsSync(file)) return;
    const args = [file, ...(cutover ? ['--allow-cutover'] : [])];
    const ended = await this.run(at, { cutover, fate }, (place) => apply(place, args));
    if (!ended.died) judgeSaved(this, { at, plan: file }, ended);
  }

  /** Plans are handed around, as artifacts are. */
  private planFile(slot: number): string {
    return join(this.root, `plan-${slot}.json`);
  }

  /** Plan and apply in one. */
  async go(at: StationIndex, how: { readonly cutover: boolean; readonly fate: Fate }): Promise<Run> {
    const args = ['--auto-approve', ...(how.cutover ? ['--allow-cutover'] : [])];
    const ended = await this.run(at, how, (place) => apply(place, args));
    if (!ended.died) judgeGo(this, at, ended);
    return ended;
  }

  /** Who holds a lock between two steps is dead. */
  private async forceUnlock(at: StationIndex): Promise<void> {
    for (const id of (await this.shared?.heldIds()) ?? []) {
      const ended = await this.run(at, { cutover: false, fate: {} }, (place) => forceUnlock(place, id));
      if (!ended.died && ended.exit !== 0) this.oracle.complain('the dead keep their locks', ended.text);
    }
  }

  private async run(
    at: StationIndex,
    { cutover, fate }: { readonly cutover: boolean; readonly fate: Fate },
    command: (place: Place) => Promise<Told>,
  ): Promise<Run> {
    const { wire } = this.estate;
    this.acting = this.stations[at]!;
    this.oracle.permission = { wish: this.wish, cutover };
    wire.begin(fate.dieAt, fate.fault === undefined ? [] : [fate.fault]);
    await this.shared?.enter(at);
    const env = this.shared === undefined ? {} : { STATE_URL: this.shared.url };
    const told = await command({ estate: this.estate, folder: this.acting.folder, env });
    const locks = await this.shared?.leave(at);
    this.oracle.permission = undefined;
    if (!wire.dead && locks !== undefined && locks.length > 0) this.oracle.complain('locks left behind', locks.join(', '));
    tally(this.figures.runs, wire.dead ? 'killed' : `exit ${told.exit}`);
    for (const kind of Object.keys(wire.dealt)) {
      tally(this.figures.faults, kind, wire.dealt[kind]);
      delete wire.dealt[kind];
    }
    if (wire.dead) {
      this.acting.thaw();
      return { died: true };
    }
    for (const code of new Set([...told.errors, ...told.warnings, ...told.blocked])) tally(this.figures.codes, code);
    return { died: false, ...told };
  }
}

/** Tracking that was begun late is begun by people, after a snapshot. */
const withPast = ({ machine, past }: Story): MachineTraits =>
  past === 'tracked late' ? { ...machine, tracking: false } : machine;
