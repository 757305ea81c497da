import type { Diagnostic } from '../../diag/diagnostic.js';
import type { SourceRange } from '../../diag/source-range.js';
import type { MaintenanceWindow } from '../../model/window.js';
import type { LocatedDocument, Path } from '../base/located.js';
import { readWindow, type WindowFields } from './window-field.js';

/** What a Migration needs of the Project. Read leniently: one wrong provider must not hide the mistakes of all manifests. */
export interface ProjectScope {
  readonly document?: LocatedDocument;
  /** Of the chosen environment; what it says of single Migrations counts last. */
  readonly overlay?: LocatedDocument;
  /** By name, as far as known; undefined when the Project does not tell them at all. */
  readonly providers: ReadonlyMap<string, { readonly type: unknown; readonly server: unknown }> | undefined;
  /** undefined as a value: there is a window of that name, but it is wrong, which is told at its own place. */
  readonly windows: ReadonlyMap<string, MaintenanceWindow | undefined> | undefined;
  readonly defaults: unknown;
  /** false: the defaults are wrong, so no Migration can be completed. */
  readonly usable: boolean;
  /** What was found wrong with windows. */
  readonly diagnostics: readonly Diagnostic[];
}

export const noProject: ProjectScope = { providers: undefined, windows: undefined, defaults: {}, usable: false, diagnostics: [] };

/** `problems`: what the schema had to say about the document. */
export function readScope(document: LocatedDocument, problems: readonly Diagnostic[]): ProjectScope {
  const isSound = (path: Path): boolean =>
    document.has(path) &&
    !problems.some(({ source }) => within(document.rangeOf(path), source) || within(document.keyRangeOf(path), source));
  const spec = at(document.value, 'spec');
  const defaults = at(spec, 'defaults');
  const windows = at(spec, 'windows');
  const read = new Map<string, MaintenanceWindow | undefined>();
  const diagnostics: Diagnostic[] = [];
  for (const [name, fields] of entries(windows)) {
    const path = ['spec', 'windows', name];
    const reading = isSound(path) ? readWindow(fields as WindowFields, { located: document, path, name }) : undefined;
    read.set(name, reading && 'window' in reading ? reading.window : undefined);
    if (reading && 'problems' in reading) diagnostics.push(...reading.problems);
  }
  const misspelt = problems.some(({ code }) => code === 'MP1002');
  const providers = at(spec, 'providers');
  return {
    document,
    providers:
      providers === undefined
        ? undefined
        : new Map(
            entries(providers).map(([name, provider]) => [name, { type: at(provider, 'type'), server: at(provider, 'server') }]),
          ),
    windows: windows === undefined && misspelt ? undefined : read,
    defaults: defaults ?? {},
    // A misspelt `defaults` would leave every Migration without them.
    usable: isSound(['spec', 'defaults']) || (defaults === undefined && !misspelt),
    diagnostics,
  };
}

const entries = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

const at = (value: unknown, key: string): unknown => new Map(entries(value)).get(key);

function within(range: SourceRange, inner: SourceRange | undefined): boolean {
  return inner !== undefined && inner.start.offset >= range.start.offset && inner.end.offset <= range.end.offset;
}
