import type { Mutable } from '../../model/mutable.js';
import { own } from '../../model/own.js';
import { hasItsShape } from './journal-shapes.js';
import type { DiskRun, RunRecord, StepRun, VmRun } from './run-record.js';

/** What a journal says by itself: whether its process lives has to be looked up. */
export type JournalRecord = Omit<RunRecord, 'status'>;

type Line = { readonly at: string; readonly event: string } & Readonly<Record<string, unknown>>;
type Disk = Mutable<Omit<DiskRun, 'progress'>> & { progress: DiskRun['progress'][number][] };
type Step = Mutable<Omit<StepRun, 'disks' | 'stages'>> & { disks: Disk[]; stages: StepRun['stages'][number][] };
type Vm = Mutable<Omit<VmRun, 'steps' | 'notes'>> & { steps: Step[]; notes: VmRun['notes'][number][] };
type Run = Mutable<Omit<JournalRecord, 'vms'>> & { readonly vms: Map<string, Vm> };

/** Reads a journal of this version or an older one; never throws: what it does not know it passes over. */
export function readJournal(run: string, text: string): JournalRecord {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const parsed = lines.map(parse).filter((line) => line !== undefined);
  const record: Run = {
    run,
    startedAt: parsed[0]?.at ?? '',
    lastAt: parsed.at(-1)?.at ?? '',
    bytes: 0,
    vms: new Map(),
    diagnostics: [],
    causes: [],
    unreadableLines: lines.length - parsed.length,
  };
  for (const line of parsed) if (!take(line, record)) record.unreadableLines++;
  return { ...record, vms: [...record.vms.values()] };
}

/** false: the line has another shape than those that we write, as after somebody edited it. */
function take(line: Line, run: Run): boolean {
  if (!hasItsShape(line)) return false;
  own(readers, line.event)?.(line, run);
  return true;
}

/** Of what has its shape. */
const list = <T>(value: unknown): readonly T[] => (value ?? []) as readonly T[];
const amount = (value: unknown): number => value as number;

function parse(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as Partial<Line> | null;
    return isTime(line?.at) && typeof line?.event === 'string' ? (line as Line) : undefined;
  } catch {
    return undefined;
  }
}

const isTime = (value: unknown): boolean => typeof value === 'string' && Number.isFinite(Date.parse(value));

function vmOf(run: Run, address: unknown): Vm {
  const name = String(address);
  const vm = run.vms.get(name) ?? { address: name, steps: [], diagnostics: [], causes: [], notes: [], logs: [] };
  run.vms.set(name, vm);
  return vm;
}

const diskOf = (run: Run, { address, disk }: Line): Disk | undefined =>
  vmOf(run, address)
    .steps.at(-1)
    ?.disks.findLast((one) => one.disk === disk);

const without = <K extends string>(line: Line, ...names: readonly K[]): Omit<Line, K> =>
  Object.fromEntries(Object.entries(line).filter(([name]) => !names.includes(name as K))) as Omit<Line, K>;

const readers: Readonly<Record<string, (line: Line, run: Run) => void>> = {
  'run-start': (line, run) => {
    const { addresses, ...known } = without(line, 'at', 'event', 'format', 'run');
    for (const address of list(addresses)) vmOf(run, address);
    Object.assign(run, known);
  },
  'run-end': (line, run) => {
    const { at: endedAt, exit, bytes, diagnostics, causes, results } = line;
    for (const { address, result } of list<VmRun>(results)) Object.assign(vmOf(run, address), { result });
    Object.assign(run, { endedAt, exit: amount(exit), diagnostics: list(diagnostics), causes: list(causes) });
    if (bytes !== undefined) run.bytes = amount(bytes);
  },
  // Of versions before the first line named the process.
  'apply-end': ({ at }, run) => {
    run.endedAt = at;
  },
  'vm-start': ({ at, address }, run) => {
    vmOf(run, address).startedAt = at;
  },
  'vm-error': ({ address, causes }, run) => {
    vmOf(run, address).causes = list(causes);
  },
  'vm-end': ({ at: endedAt, address, result, diagnostics, logs }, run) => {
    Object.assign(vmOf(run, address), { endedAt, result, diagnostics: list(diagnostics), logs: list(logs) });
  },
  // Not all are about a VM.
  note: ({ at, address, text }, run) => {
    run.vms.get(String(address))?.notes.push({ at, text: String(text) });
  },
  'action-start': ({ at, address, kind }, run) => {
    const vm = vmOf(run, address);
    vm.startedAt ??= at;
    vm.steps.push({ kind: kind as StepRun['kind'], startedAt: at, disks: [], stages: [] });
  },
  'action-done': ({ at, address, seconds }, run) => {
    const step = vmOf(run, address).steps.at(-1);
    if (step !== undefined) Object.assign(step, { endedAt: at, ...(typeof seconds === 'number' && { seconds }) });
  },
  'conversion-stage': ({ at, address, stage, percent }, run) => {
    vmOf(run, address)
      .steps.at(-1)
      ?.stages.push({ at, stage: String(stage), percent: amount(percent) });
  },
  'disk-start': (line, run) => {
    const { address, bytes, extents, disk, mode, cycle, capacity, at: startedAt } = line;
    const delta = bytes === undefined ? {} : { delta: { bytes: amount(bytes), extents: amount(extents) } };
    const aim = { disk: amount(disk), mode: mode as DiskRun['mode'], cycle: amount(cycle), capacity: amount(capacity) };
    vmOf(run, address)
      .steps.at(-1)
      ?.disks.push({ ...aim, ...delta, startedAt, progress: [] });
  },
  progress: (line, run) => {
    const copied = { at: line.at, bytesDone: amount(line['bytesDone']), bytesTotal: amount(line['bytesTotal']) };
    diskOf(run, line)?.progress.push(copied);
  },
  checkpoint: (line, run) => {
    const disk = diskOf(run, line);
    if (disk !== undefined) disk.checkpoint = amount(line['upTo']);
  },
  'disk-synced': (line, run) => {
    const disk = diskOf(run, line);
    const [bytes, seconds] = [amount(line['bytes']), amount(line['seconds'])];
    run.bytes += bytes;
    if (disk === undefined) return;
    const rate = bytes > 0 && seconds > 0 ? { bytesPerSecond: bytes / seconds } : {};
    Object.assign(disk, { ...without(line, 'at', 'event', 'address', 'disk'), ...rate, endedAt: line.at });
  },
};
