import type { Diagnostic } from '../../diag/diagnostic.js';
import type { SourceRange } from '../../diag/source-range.js';
import type { Freeze, PlanRules } from '../../model/plan-rules.js';
import type { MaintenanceWindow } from '../../model/window.js';
import { fieldName } from '../base/field-name.js';
import type { Located, Path } from '../base/located.js';
import { problem } from '../base/problem.js';
import { parseDuration, parseSize } from '../schema/forms.js';
import type { policyShape } from '../schema/policy-shape.js';
import type { TypeOf } from '../schema/shape.js';
import { readWindow, type WindowFields } from './window-field.js';

type PolicyFields = TypeOf<typeof policyShape>;

export interface PolicyPlace {
  readonly located: Located;
  readonly path: Path;
  /** Absolute; where the command is run. */
  readonly folder: string;
  /** Whose rules they are, in messages. */
  readonly of: string;
}

interface RulesParseResult {
  readonly rules: PlanRules;
  readonly diagnostics: readonly Diagnostic[];
}

const COMMAND_TIMEOUT = '30s';

/** Rules whose fields have the right shape, with the rest checked: real dates, order, cron, time zones. */
export function readRules(fields: PolicyFields | undefined, place: PolicyPlace): RulesParseResult {
  const { environment, phases, cutovers, delta, windows, freezes, command, commandTimeout } = fields ?? {};
  const read = (named: Readonly<Record<string, WindowFields>> | undefined, field: string) =>
    windowsOf(named, { ...place, path: [...place.path, field] });
  const [open, frozen] = [read(windows, 'windows'), read(freezes, 'freezes')];
  const [program, ...rest] = command ?? [];
  const timeoutMs = parseDuration(commandTimeout ?? COMMAND_TIMEOUT) * 1000;
  const rules: PlanRules = {
    of: place.of,
    places: placesOf(fields ?? {}, place),
    ...(environment === undefined ? {} : { environment }),
    ...(phases === undefined ? {} : { phases }),
    ...(cutovers === undefined ? {} : { cutovers }),
    ...(delta === undefined ? {} : { deltaBytes: parseSize(delta) }),
    ...(windows === undefined ? {} : { windows: open.windows }),
    ...(freezes === undefined ? {} : { freezes: frozen.windows.flatMap(freezeOf) }),
    ...(program === undefined ? {} : { command: { argv: [program, ...rest], folder: place.folder, timeoutMs } }),
  };
  const isIdle = commandTimeout !== undefined && command === undefined;
  return { rules, diagnostics: [...open.diagnostics, ...frozen.diagnostics, ...(isIdle ? [idleTimeout(place)] : [])] };
}

function idleTimeout({ located, path }: PolicyPlace): Diagnostic {
  const field = [...path, 'commandTimeout'];
  return problem('MP1018', located.keyRangeOf(field), {
    detail: `${fieldName(field)} is for a command, and there is none`,
    nextSteps: ['Add the command, or remove commandTimeout'],
  });
}

function windowsOf(named: Readonly<Record<string, WindowFields>> = {}, { located, path }: PolicyPlace) {
  const read = Object.entries(named).map(([name, fields]) => readWindow(fields, { located, path: [...path, name], name }));
  return {
    windows: read.flatMap((one) => ('window' in one ? [one.window] : [])),
    diagnostics: read.flatMap((one) => ('problems' in one ? one.problems : [])),
  };
}

const freezeOf = (window: MaintenanceWindow): Freeze[] =>
  window.kind === 'once' ? [{ name: window.name ?? '', start: window.start, end: window.end }] : [];

const placesOf = (fields: PolicyFields, { located, path }: PolicyPlace): Record<string, SourceRange> =>
  Object.fromEntries(Object.keys(fields).map((field) => [field, located.keyRangeOf([...path, field])]));
