import { catalog, type DiagnosticCode } from './catalog.js';

/** What the first digit of a code says. */
export const codeGroups: Readonly<Record<string, string>> = {
  1: 'Files: manifests, the project, what is written',
  2: 'Blocked by what the source or the target says',
  3: 'Saved plans, approval, locks, state',
  4: 'OpenStack',
  5: 'Sources: vSphere, images and NBD exports',
  6: 'Moving bytes',
  7: 'Conversion',
  8: 'The machine that migplan runs on',
  9: 'Bugs of migplan',
};

/** `MP2006`, `mp2006` and `2006` are the same; undefined: there is no such code. */
export function readCode(text: string): DiagnosticCode | undefined {
  const code = `MP${text.replace(/^mp/i, '')}`;
  return Object.hasOwn(catalog, code) ? (code as DiagnosticCode) : undefined;
}
