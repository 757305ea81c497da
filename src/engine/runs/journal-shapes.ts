import { own } from '../../model/own.js';

/** Shape of a value in a journal; in a list all are alike, and a field with `?` may be absent. Fields that are not named are let be. */
type Shape = 'string' | 'number' | readonly [Shape] | { readonly [field: string]: Shape };

const place: Shape = { file: 'string', start: { line: 'number', column: 'number' } };

const diagnostic: Shape = {
  severity: 'string',
  code: 'string',
  detail: 'string',
  'lines?': ['string'],
  'address?': 'string',
  'source?': place,
  'related?': { source: place, detail: 'string' },
  'nextSteps?': ['string'],
};

const cause: Shape = { name: 'string', message: 'string', 'code?': 'string', 'stack?': ['string'] };

const identity: Shape = {
  who: 'string',
  host: 'string',
  pid: 'number',
  startedTicks: 'string',
  pidNamespace: 'string',
  'boot?': 'string',
  'machine?': 'string',
};

const disk: Shape = { address: 'string', disk: 'number' };

/** Of those events that are read, as this version and older ones write them. */
const shapes: Readonly<Record<string, Shape>> = {
  'run-start': {
    'addresses?': ['string'],
    'command?': ['string'],
    'migplan?': 'string',
    'node?': 'string',
    'folder?': 'string',
    'plan?': { id: 'string', digest: 'string', createdAt: 'string' },
    'process?': identity,
  },
  'run-end': {
    exit: 'number',
    'bytes?': 'number',
    'results?': [{ address: 'string', 'result?': 'string' }],
    'diagnostics?': [diagnostic],
    'causes?': [cause],
  },
  'vm-start': { address: 'string' },
  'vm-error': { address: 'string', 'causes?': [cause] },
  'vm-end': { address: 'string', 'result?': 'string', 'diagnostics?': [diagnostic], 'logs?': ['string'] },
  'action-start': { address: 'string', kind: 'string' },
  'action-done': { address: 'string' },
  'conversion-stage': { address: 'string', stage: 'string', percent: 'number' },
  'disk-start': { ...disk, mode: 'string', cycle: 'number', capacity: 'number', 'bytes?': 'number', 'extents?': 'number' },
  progress: { ...disk, bytesDone: 'number', bytesTotal: 'number' },
  checkpoint: { ...disk, upTo: 'number' },
  'disk-synced': { ...disk, bytes: 'number', seconds: 'number', 'compared?': 'number', 'verified?': { mode: 'string' } },
};

/** Whether a line has the shape of its event; one of an event that is not known has. */
export function hasItsShape(line: { readonly event: string }): boolean {
  const shape = own(shapes, line.event);
  return shape === undefined || fits(line, shape);
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function fits(value: unknown, shape: Shape): boolean {
  if (typeof shape === 'string') return typeof value === shape;
  if (isList(shape)) return Array.isArray(value) && value.every((one) => fits(one, shape[0]));
  return isFields(value) && Object.entries(shape).every(([field, inner]) => fieldFits(value, field, inner));
}

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape);

function fieldFits(value: Fields, field: string, shape: Shape): boolean {
  const mayLack = field.endsWith('?');
  const inner = own(value, mayLack ? field.slice(0, -1) : field);
  return inner === undefined ? mayLack : fits(inner, shape);
}
