import { Properties } from './properties.js';
import { subtype } from './soap/encode.js';
import { TransportFailure } from './soap/failure.js';
import { READ, SESSION_BOUND_READ, type Session, SessionLost } from './soap/session.js';
import { asFault, isFault, isFaultType, VimFault } from './soap/vim-fault.js';
import type { Moref, Sent, Vim } from './wsdl/vim.js';

/** Objects a page holds; the server may make pages smaller. */
const PAGE_OBJECTS_MAX = 100;
/** Heavy properties are asked for so many objects at a time. */
const BATCH_OBJECTS_MAX = 50;
const RESTARTS_MAX = 3;
/** More than any vCenter has. */
const OBJECTS_MAX = 200_000;

/** What to read of objects of one type. */
interface Selection {
  readonly type: string;
  readonly paths: readonly string[];
  /** Those of them that the account need not be able to read. */
  readonly optional?: readonly string[];
}

/** Reads one object. Throws VimFault ManagedObjectNotFound when it is gone, NoPermission when a path may not be read. */
export async function readObject(session: Session, ref: Moref, paths: readonly string[]): Promise<Properties> {
  const selection = { type: ref.type, paths };
  const [object] = await retrieve(session, [selection], [{ obj: ref, skip: false }]);
  if (object === undefined) throw gone(ref);
  return toProperties(object);
}

/** Reads these objects, in batches; those that are gone meanwhile are left out. */
export async function readObjects(
  session: Session,
  refs: readonly Moref[],
  selections: readonly Selection[],
): Promise<Properties[]> {
  const batches: Moref[][] = [];
  for (let start = 0; start < refs.length; start += BATCH_OBJECTS_MAX) batches.push(refs.slice(start, start + BATCH_OBJECTS_MAX));
  // The session itself keeps the number of calls in flight small.
  const answers = await Promise.all(batches.map((batch) => readBatch(session, batch, selections)));
  const optional = new Set(selections.flatMap((selection) => selection.optional ?? []));
  return answers
    .flat()
    .filter(isThere)
    .map((object) => toProperties(object, optional));
}

/** Servers that do not report missing objects in the result refuse the whole batch for one of them. */
async function readBatch(
  session: Session,
  batch: readonly Moref[],
  selections: readonly Selection[],
): Promise<Vim<'ObjectContent'>[]> {
  const objectSet = batch.map((obj) => ({ obj, skip: false }));
  try {
    return await retrieve(session, selections, objectSet, { reportMissing: true });
  } catch (error) {
    if (!isFault(error, 'ManagedObjectNotFound')) throw error;
    if (batch.length === 1) return [];
    const single = await Promise.all(batch.map((ref) => readBatch(session, [ref], selections)));
    return single.flat();
  }
}

/** Reads all objects of the selected types that the account can see. Properties it may not read are left out. */
export async function listObjects(session: Session, selections: readonly Selection[]): Promise<Properties[]> {
  return restarting(async () => {
    const view = await createView(
      session,
      selections.map(({ type }) => type),
    );
    try {
      const traversal = subtype('TraversalSpec', { type: 'ContainerView', path: 'view', skip: false });
      const objects = await retrieve(session, selections, [{ obj: view, skip: true, selectSet: [traversal] }], {
        isSessionBound: true,
      });
      return objects.map((object) => new Properties(object.obj, values(object)));
    } finally {
      // A view that cannot be destroyed ends with the session.
      await session.call('DestroyView', view, {}, SESSION_BOUND_READ).catch(() => undefined);
    }
  });
}

async function createView(session: Session, type: readonly string[]): Promise<Moref> {
  const { viewManager, rootFolder } = await session.content();
  if (viewManager === undefined)
    throw new VimFault('CreateContainerView', { $type: 'NotSupported', faultMessage: [] }, 'the server has no views');
  return session.call('CreateContainerView', viewManager, { container: rootFolder, type, recursive: true }, READ);
}

/** Views and tokens end with their session, and a token may be refused for reasons of its own: start from page one. */
async function restarting<T>(listing: () => Promise<T>): Promise<T> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await listing();
    } catch (error) {
      if (!(error instanceof SessionLost) || restarts >= RESTARTS_MAX) throw error;
    }
  }
}

interface RetrieveOptions {
  readonly reportMissing?: boolean;
  /** The objects include a view. */
  readonly isSessionBound?: boolean;
}

/** All pages. A path that this server does not know is dropped and remembered. */
async function retrieve(
  session: Session,
  selections: readonly Selection[],
  objectSet: readonly Sent<'ObjectSpec'>[],
  options: RetrieveOptions = {},
): Promise<Vim<'ObjectContent'>[]> {
  for (;;) {
    const propSet = selections.map(({ type, paths }) => ({
      type,
      all: false,
      pathSet: paths.filter((path) => !session.unknownPaths.has(`${type}.${path}`)),
    }));
    const missing = options.reportMissing === true ? { reportMissingObjectsInResults: true } : {};
    try {
      const pages = (): Promise<Vim<'ObjectContent'>[]> => allPages(session, { propSet, objectSet, ...missing }, options);
      return await (options.isSessionBound === true ? pages() : restarting(pages));
    } catch (error) {
      const unknown = asFault(error, 'InvalidProperty')?.name;
      const owners = selections.filter(
        ({ type, paths }) => paths.includes(unknown ?? '') && !session.unknownPaths.has(`${type}.${unknown}`),
      );
      if (owners.length === 0) throw error;
      for (const { type } of owners) session.unknownPaths.add(`${type}.${unknown}`);
    }
  }
}

async function allPages(
  session: Session,
  spec: Sent<'PropertyFilterSpec'>,
  options: RetrieveOptions,
): Promise<Vim<'ObjectContent'>[]> {
  const { propertyCollector } = await session.content();
  const policy = options.isSessionBound === true ? SESSION_BOUND_READ : READ;
  const request = { specSet: [spec], options: { maxObjects: PAGE_OBJECTS_MAX } };
  let page = await session.call('RetrievePropertiesEx', propertyCollector, request, policy);
  const objects: Vim<'ObjectContent'>[] = [];
  const seen = new Set<string>();
  while (page !== undefined) {
    const before = seen.size;
    for (const object of page.objects) {
      objects.push(object);
      seen.add(`${object.obj.type}:${object.obj.value}`);
    }
    if (page.token === undefined) return objects;
    // Half of a list is worse than none: a VM that is missing from it seems to be gone.
    if (seen.size === before) throw endless('a page with a token for more has nothing new');
    if (objects.length > OBJECTS_MAX) throw endless(`it has more than ${OBJECTS_MAX} objects`);
    page = await continued(session, propertyCollector, page.token);
  }
  return objects;
}

const endless = (why: string): TransportFailure =>
  new TransportFailure('unreadable', 'ContinueRetrievePropertiesEx', `the list does not end: ${why}`);

/** A token is good for one call: when its answer is lost, or it is refused, only a new listing helps. */
async function continued(session: Session, collector: Moref, token: string): Promise<Vim<'RetrieveResult'>> {
  const policy = { repeatable: false, isSessionBound: true };
  try {
    return await session.call('ContinueRetrievePropertiesEx', collector, { token }, policy);
  } catch (error) {
    const isRefused = isFault(error, 'InvalidArgument', 'InvalidProperty');
    const isLost = !(error instanceof VimFault) && (error as { isTransient?: boolean }).isTransient === true;
    throw isRefused || isLost ? new SessionLost('ContinueRetrievePropertiesEx') : error;
  }
}

const isThere = ({ missingSet }: Vim<'ObjectContent'>): boolean =>
  !missingSet.some(({ fault }) => isFaultType(fault.fault.$type, 'ManagedObjectNotFound'));

const values = ({ propSet }: Vim<'ObjectContent'>): ReadonlyMap<string, unknown> =>
  new Map(propSet.map(({ name, val }) => [name, val]));

function toProperties(object: Vim<'ObjectContent'>, optional: ReadonlySet<string> = new Set()): Properties {
  const unreadable: string[] = [];
  for (const { path, fault } of object.missingSet) {
    if (isFaultType(fault.fault.$type, 'InvalidProperty')) continue;
    if (optional.has(path)) {
      unreadable.push(path);
      continue;
    }
    throw new VimFault('RetrievePropertiesEx', fault.fault, fault.localizedMessage ?? '');
  }
  return new Properties(object.obj, values(object), unreadable);
}

const gone = (ref: Moref): VimFault => {
  const fault = { $type: 'ManagedObjectNotFound', faultMessage: [], obj: ref } as Vim<'ManagedObjectNotFound'>;
  return new VimFault('RetrievePropertiesEx', fault, `${ref.type} ${ref.value} does not exist`);
};
