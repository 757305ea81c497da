import type { PrivilegeCheck, PrivilegeQuestion } from '../../contracts/privileges.js';
import { vmRef } from '../../model/ids.js';
import { toProviderError } from './errors.js';
import { type PrivilegeRow, privileges } from './privileges.js';
import { readObjects } from './property-collector.js';
import { TransportFailure } from './soap/failure.js';
import { EFFECT, type Session, SessionLost } from './soap/session.js';
import { asFault, VimFault } from './soap/vim-fault.js';
import type { Moref } from './wsdl/vim.js';

const BATCH_OBJECTS_MAX = 50;
/** Whoever may ask about an object has it: a vCenter that denies it does not know the session that was asked about. */
const CANARY = 'System.View';

interface Subject {
  readonly ref: Moref;
  readonly name?: string;
}

/** What vCenter says of one object: the privileges that are granted, or why that is not known. */
type Answer = ReadonlySet<string> | { readonly unknown: string };

/** Asks, and never throws for what vCenter does not tell: that is unknown. Few calls, however many VMs. */
export async function checkPrivileges(session: Session, { vms, storage }: PrivilegeQuestion): Promise<readonly PrivilegeCheck[]> {
  const machines = vms.map((value): Subject => ({ ref: { type: 'VirtualMachine', value } }));
  const where = machines.length > 0 ? machines : [{ ref: (await session.content()).rootFolder, name: 'root folder' }];
  const stores = storage ? await datastoresOf(session, machines) : [];
  const [onVms, onStores] = await Promise.all([
    answersFor(session, where, rowsOn('VirtualMachine')),
    answersFor(session, stores, rowsOn('Datastore')),
  ]);
  return [...onVms, ...onStores];
}

const rowsOn = (on: 'VirtualMachine' | 'Datastore'): readonly PrivilegeRow[] =>
  privileges.filter((row) => row.on === on || row.on === 'every object');

async function datastoresOf(session: Session, machines: readonly Subject[]): Promise<Subject[]> {
  const paths = ['datastore'];
  const vms = await readObjects(
    session,
    machines.map(({ ref }) => ref),
    [{ type: 'VirtualMachine', paths, optional: paths }],
  );
  const refs = new Map(vms.flatMap((vm) => vm.morefs('datastore')).map((ref) => [ref.value, ref]));
  const named = await readObjects(session, [...refs.values()], [{ type: 'Datastore', paths: ['name'], optional: ['name'] }]);
  const names = new Map(named.map((store) => [store.ref.value, store.text('name')]));
  return [...refs.values()].map((ref) => {
    const name = names.get(ref.value);
    return { ref, ...(name === undefined ? {} : { name }) };
  });
}

async function answersFor(
  session: Session,
  subjects: readonly Subject[],
  rows: readonly PrivilegeRow[],
): Promise<PrivilegeCheck[]> {
  const ids = rows.map(({ privilege }) => privilege);
  const batches: Subject[][] = [];
  for (let start = 0; start < subjects.length; start += BATCH_OBJECTS_MAX)
    batches.push(subjects.slice(start, start + BATCH_OBJECTS_MAX));
  const answers = await Promise.all(
    batches.map((batch) =>
      askOrNot(
        session,
        batch.map(({ ref }) => ref),
        ids,
      ),
    ),
  );
  const byObject = new Map(answers.flatMap((answer) => [...answer]));
  return subjects.flatMap((subject) => rows.map((row) => checkOf(subject, row, byObject.get(subject.ref.value))));
}

function checkOf({ ref, name }: Subject, row: PrivilegeRow, answer: Answer = { unknown: 'vCenter left it out' }): PrivilegeCheck {
  const { privilege, use, evidence } = row;
  const object = `${ref.type} ${ref.value}${name === undefined ? '' : ` (${name})`}`;
  const vm = ref.type === 'VirtualMachine' ? { vm: vmRef(ref.value) } : {};
  return { privilege, use, evidence, object, ...vm, ...verdictOf(ref, privilege, answer) };
}

function verdictOf(ref: Moref, privilege: string, answer: Answer): Pick<PrivilegeCheck, 'verdict' | 'why'> {
  if ('unknown' in answer) return { verdict: 'unknown', why: answer.unknown };
  if (answer.has(privilege)) return { verdict: 'allowed' };
  // A role on a folder below is all that a careful administrator gives.
  if (ref.type === 'Folder')
    return { verdict: 'unknown', why: 'not granted on all VMs; manifests name none that could be asked about' };
  return { verdict: 'refused' };
}

type Answers = ReadonlyMap<string, Answer>;

const allUnknown = (entity: readonly Moref[], unknown: string): Answers =>
  new Map(entity.map(({ value }) => [value, { unknown }]));

/** One object that is gone, or that the account may not read, spoils the answer for all: they are asked for without it. */
async function askOrNot(session: Session, entity: readonly Moref[], ids: readonly string[]): Promise<Answers> {
  if (entity.length === 0) return new Map();
  try {
    return await ask(session, entity, ids);
  } catch (error) {
    const why = reasonOf(error);
    if (why === undefined) throw error;
    const spoiler = asFault(error, 'NoPermission')?.object?.value ?? asFault(error, 'ManagedObjectNotFound')?.obj.value;
    const others = entity.filter(({ value }) => value !== spoiler);
    if (others.length === entity.length) return allUnknown(entity, why);
    return new Map([...allUnknown(entity, why), ...(await askOrNot(session, others, ids))]);
  }
}

async function ask(session: Session, entity: readonly Moref[], ids: readonly string[]): Promise<Answers> {
  const { authorizationManager } = await session.content();
  if (authorizationManager === undefined) return allUnknown(entity, 'this server has nobody to ask');
  // A session that was renewed between the two calls has another key.
  for (let tries = 0; tries < 2; tries++) {
    const request = { entity, sessionId: await session.key(), privId: [...new Set([CANARY, ...ids])] };
    const answer = await session.call('HasPrivilegeOnEntities', authorizationManager, request, EFFECT);
    const granted = new Map(
      answer.map((one) => [
        one.entity.value,
        new Set(one.privAvailability.filter(({ isGranted }) => isGranted).map(({ privId }) => privId)),
      ]),
    );
    if ([...granted.values()].every((set) => set.has(CANARY))) return granted;
  }
  return allUnknown(entity, 'vCenter does not know the session that it was asked about');
}

/** Trouble of the vCenter in words; undefined for what is none. */
function reasonOf(error: unknown): string | undefined {
  const isRemote = error instanceof VimFault || error instanceof TransportFailure || error instanceof SessionLost;
  if (!isRemote) return undefined;
  const told = toProviderError(error, '') as { readonly details?: { readonly call: string; readonly detail: string } };
  return told.details === undefined ? undefined : `${told.details.call}: ${told.details.detail}`;
}
