import type { Diagnostic } from '../../diag/diagnostic.js';
import { parseCron } from '../../model/cron.js';
import type { MaintenanceWindow } from '../../model/window.js';
import { fieldName } from '../base/field-name.js';
import type { Located, Path } from '../base/located.js';
import { nearest } from '../base/nearest.js';
import { problem, quoted, shown } from '../base/problem.js';
import { parseDuration } from '../schema/forms.js';
import type { TypeOf } from '../schema/shape.js';
import type { windowShape } from '../schema/window-shape.js';

export type WindowFields = TypeOf<typeof windowShape>;

type WindowParseResult = { readonly window: MaintenanceWindow } | { readonly problems: readonly Diagnostic[] };

/** A window whose fields have the right shape, with the rest checked: real dates, order, cron, time zone. */
export function readWindow(fields: WindowFields, place: { located: Located; path: Path; name?: string }): WindowParseResult {
  const problems = fields.cron === undefined ? onceProblems(fields, place) : cronProblems(fields, place);
  if (problems.length > 0) return { problems };
  const name = place.name !== undefined && { name: place.name };
  if (fields.cron === undefined) {
    const [start, end] = [new Date(fields.start!).toISOString(), new Date(fields.end!).toISOString()];
    return { window: { kind: 'once', ...name, start, end } };
  }
  const cron = fields.cron.trim().replace(/\s+/g, ' ');
  const durationSeconds = parseDuration(fields.duration!);
  return { window: { kind: 'cron', ...name, cron, durationSeconds, timezone: fields.timezone! } };
}

function onceProblems({ start, end }: WindowFields, { located, path }: { located: Located; path: Path }): Diagnostic[] {
  const bad = (['start', 'end'] as const).filter((field) => !isRealTime((field === 'start' ? start : end)!));
  if (bad.length > 0) {
    return bad.map((field) =>
      problem('MP1018', located.rangeOf([...path, field]), {
        detail: `${fieldName([...path, field])} is ${shown(field === 'start' ? start : end).replace('the text ', '')}, and there is no such date or time`,
        nextSteps: [`Write for example: ${field}: 2026-11-22T22:00:00Z`],
      }),
    );
  }
  if (Date.parse(start!) < Date.parse(end!)) return [];
  const detail = `${fieldName(path)} ends at ${end}, which is not after its start at ${start}`;
  return [problem('MP1018', located.rangeOf([...path, 'end']), { detail, nextSteps: ['Give an end that is later than start'] })];
}

/** Date.parse rolls 30 February over into March. */
function isRealTime(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})T/.exec(text)!;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return !Number.isNaN(Date.parse(text)) && date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

function cronProblems({ cron, timezone }: WindowFields, { located, path }: { located: Located; path: Path }): Diagnostic[] {
  const problems: Diagnostic[] = [];
  const parsed = parseCron(cron!);
  if ('wrong' in parsed) {
    const detail = `${fieldName([...path, 'cron'])} is ${quoted(cron!)}: ${parsed.wrong}`;
    const nextSteps = ['Write for example: cron: "0 22 * * *" (each day at 22:00)'];
    problems.push(problem('MP1018', located.rangeOf([...path, 'cron']), { detail, nextSteps }));
  }
  if (!isTimezone(timezone!)) {
    const meant = nearest(timezone!, Intl.supportedValuesOf('timeZone'));
    const detail = `${fieldName([...path, 'timezone'])} is ${quoted(timezone!)}, which is not a time zone of the IANA list`;
    const nextSteps = [meant ? `Did you mean ${meant}?` : 'Write for example: timezone: Europe/Madrid'];
    problems.push(problem('MP1018', located.rangeOf([...path, 'timezone']), { detail, nextSteps }));
  }
  return problems;
}

function isTimezone(name: string): boolean {
  // An offset such as +01:00 is accepted by Intl, but knows no daylight saving time.
  if (/^[+-]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
