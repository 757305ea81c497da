import { DiagnosticsError } from '../../diag/diagnostic.js';
import { printable } from '../../diag/printable.js';
import { withoutSecrets, withoutShortSecrets } from '../../host/secret.js';
import { isShellWord } from '../../model/shell-word.js';
import { placeOf } from './http-addresses.js';
import type { HttpAnswer, NoAnswer } from './http-answer.js';

/** What is asked of a server, in words for people. */
export type StateCall = 'reading' | 'writing' | 'locking' | 'unlocking';

const LOCKS = 'nothing is done without locks: write lockAddress and the methods of this server into spec.state of the Project';
const SAID_LENGTH_MAX = 200;

/** What a server said, as one line that is fit to be shown. */
export function saidBy(text: string): string {
  const clean = printable(withoutShortSecrets(text.trim()));
  return clean.length > SAID_LENGTH_MAX ? `${clean.slice(0, SAID_LENGTH_MAX)}...` : clean;
}

const cannot = (detail: string, nextSteps: readonly string[], cause?: unknown): DiagnosticsError =>
  new DiagnosticsError([{ severity: 'error', code: 'MP3033', detail: withoutSecrets(detail), nextSteps }], { cause });

const LATE = 'TimeoutError';

/** Nothing answers, or not to the end. */
export function unreachable({ place, message, cause }: NoAnswer): DiagnosticsError {
  const isLate = cause instanceof Error && cause.name === LATE;
  const why = isLate ? 'does not answer in time' : `cannot be reached: ${saidBy(message)}`;
  return cannot(
    `${place} ${why}`,
    [
      'look whether this machine reaches that server, or its proxy, and trusts its certificate (address and caFile in spec.state of the Project)',
    ],
    cause,
  );
}

export const noAuthorities = (path: string, cause: unknown): DiagnosticsError =>
  cannot(`the authorities in ${path} cannot be read: ${saidBy(cause instanceof Error ? cause.message : String(cause))}`, [
    'make the file readable, or name another one as caFile in spec.state of the Project',
  ]);

/** The server had time, and no lock came free. */
export const busy = (
  place: string,
  { id, who = 'somebody unknown' }: { readonly id?: string; readonly who?: string },
): DiagnosticsError =>
  cannot(`${place} stays locked by ${who}`, [
    'wait until it is done, or see who holds which lock: migplan lock list',
    ...(id === undefined || !isShellWord(id) ? [] : [`if whoever has it is gone for good: migplan force-unlock ${id}`]),
  ]);

/** Two got the same lock. */
export const locksNobodyOut = (place: string): DiagnosticsError =>
  cannot(`${place} was given to a second one while it was held: this server keeps no locks`, [LOCKS]);

export const damaged = (place: string, why: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP3013',
      detail: `${place} ${why}`,
      nextSteps: [
        'look whether the address in spec.state of the Project is that of this project and of nothing else',
        'and if it is, put an earlier version of that state back on the server',
      ],
    },
  ]);

/** An answer that is none for a client of states. `call`: what was asked. */
export const refusal = (url: URL, call: StateCall, answer: HttpAnswer): DiagnosticsError =>
  cannot(`${placeOf(url)} answers HTTP ${answer.status} to ${call}${behind(answer)}`, [stepFor(call, answer)]);

function behind(answer: HttpAnswer): string {
  const text = answer.bytes.toString('utf8').trim();
  if (isHtml(answer)) return ' with a web page';
  return text === '' ? '' : `: ${saidBy(text)}`;
}

export const isHtml = ({ headers, bytes }: HttpAnswer): boolean =>
  /html/i.test(String(headers['content-type'] ?? '')) || /^\s*</.test(bytes.toString('utf8', 0, 64));

/** GitLab's, for a project that is not there, or that the login does not see. */
export const isNoProject = ({ status, bytes }: HttpAnswer): boolean =>
  status === 404 && /project not found/i.test(bytes.toString('utf8', 0, 1000));

const STEPS: Readonly<Record<number, string>> = {
  401: 'put a login that is valid into spec.state of the Project, or where it refers to; the token of a CI job ends with the job',
  403: 'give this login the right to write and to lock states; on GitLab that is the role Maintainer in the project',
  404: 'look whether address and lockAddress in spec.state of the Project are those of a server of states',
  413: 'let the server take larger states: on GitLab that is max_terraform_state_size_bytes of the instance',
};

function stepFor(call: StateCall, answer: HttpAnswer): string {
  const { status, headers } = answer;
  if (status >= 300 && status < 400)
    return `it sends on, which is not followed: write the address it names into spec.state of the Project: ${targetOf(headers)}`;
  if (isNoProject(answer))
    return 'look whether the address in spec.state of the Project names the right project, and whether its token has access to that';
  if (call === 'locking' && [404, 405, 501].includes(status)) return LOCKS;
  const known = STEPS[status];
  if (known !== undefined) return known;
  if (isHtml(answer))
    return 'a proxy or a login page answers there: look whether the address in spec.state of the Project is that of the server itself';
  return 'try again later; if it stays so, ask who runs that server';
}

function targetOf(headers: HttpAnswer['headers']): string {
  const location = String(headers['location'] ?? '');
  return URL.canParse(location) ? saidBy(placeOf(new URL(location))) : saidBy(location) || 'it names none';
}
