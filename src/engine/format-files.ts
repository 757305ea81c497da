import { realpath } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Diagnostic } from '../diag/diagnostic.js';
import { ChangedMeanwhile, rewriteFile } from '../host/rewrite-file.js';
import { readKind } from '../manifest/document-kind.js';
import { isOverlay } from '../manifest/environment/choose-environment.js';
import { parseManifest, readManifestBytes } from '../manifest/files/read-manifest.js';
import { formatText } from '../manifest/format/format-text.js';
import { loadProject } from '../manifest/load.js';

/** A file whose layout is not that of migplan. */
export interface Reformatted {
  /** As the user would call it. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export interface FormatReport {
  readonly reformatted: readonly Reformatted[];
  /** Of files that were left as they are. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface FormatRequest {
  /** What relative paths start from; without `files`, the folder of the project. */
  readonly folder: string;
  /** Absent: the project file and all that it includes. */
  readonly files?: readonly string[];
  /** Whether files are replaced; otherwise they are only looked at. */
  readonly writes: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Lays files out anew. One with an error in it is left alone and told; the others are done all the same. */
export async function formatFiles({ folder, files, writes, env }: FormatRequest): Promise<FormatReport> {
  const project = files === undefined ? await loadProject({ cwd: folder, env }) : undefined;
  const names = files ?? project!.files.map(({ path }) => path).filter((path) => !path.endsWith('.json'));
  const missing = project?.files.length === 0 ? project.diagnostics : (project?.unread ?? []);
  const reports = [];
  for (const name of new Set(names)) reports.push(await formatFile(resolve(folder, name), { shown: name, writes }));
  return {
    reformatted: reports.flatMap(({ reformatted }) => reformatted),
    diagnostics: [...missing, ...reports.flatMap(({ diagnostics }) => diagnostics)],
  };
}

async function formatFile(
  path: string,
  { shown, writes }: { readonly shown: string; readonly writes: boolean },
): Promise<FormatReport> {
  // What somebody names may lead anywhere; a file that is not there is told by who reads it.
  const real = await realpath(path).catch(() => path);
  const read = await readManifestBytes(dirname(real), basename(real), shown);
  if ('diagnostics' in read) return { reformatted: [], diagnostics: read.diagnostics };
  const report = formatBytes(read.bytes, shown);
  const [made] = report.reformatted;
  if (!writes || made === undefined) return report;
  try {
    await rewriteFile(real, read.bytes, made.after);
    return report;
  } catch (error) {
    return { reformatted: [], diagnostics: [notWritten(shown, error)] };
  }
}

/** The same of bytes that came in another way. `text`: as they are laid out, or as they came where that cannot be changed. */
export function formatBytes(bytes: Uint8Array, shown: string): FormatReport & { readonly text?: string } {
  const { text, documents, diagnostics } = parseManifest(bytes, shown);
  const problems = [
    ...diagnostics,
    ...documents
      .filter((document) => document.value !== null && !isOverlay(document))
      .flatMap((document) => readKind(document).diagnostics),
  ];
  if (text === undefined || problems.length > 0) return { reformatted: [], diagnostics: problems };
  const after = formatText(text);
  if (after === undefined) return { text, reformatted: [], diagnostics: [leftAsItIs(shown)] };
  return { text: after, reformatted: after === text ? [] : [{ path: shown, before: text, after }], diagnostics: [] };
}

const leftAsItIs = (shown: string): Diagnostic => ({
  severity: 'warning',
  code: 'MP1041',
  detail: `${shown} is left as it is: laid out anew it would not say the same, or would lose a comment or an anchor`,
});

function notWritten(shown: string, error: unknown): Diagnostic {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined && !(error instanceof ChangedMeanwhile)) throw error;
  const detail = `${shown} was left as it is: ${message}`;
  const nextSteps = [error instanceof ChangedMeanwhile ? 'save it, and run again: migplan fmt' : `Run: ls -l ${shown}`];
  return { severity: 'error', code: 'MP1020', detail, nextSteps };
}
