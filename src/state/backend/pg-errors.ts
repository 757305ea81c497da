import { type Diagnostic, DiagnosticsError } from '../../diag/diagnostic.js';
import { withoutShortSecrets } from '../../host/secret.js';
import { own } from '../../model/own.js';

/** Nothing was asked yet, or the answer is lost; a database that is started again says so. */
const PASSING = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT', 'EAI_AGAIN'],
  ...['57P01', '57P02', '57P03', '53300', '08000', '08001', '08003', '08006', '40001', '40P01'],
]);
/** What pg says without a code. */
const LOST = /^(?:Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout)/;

export const codeOf = (error: unknown): string => String((error as { readonly code?: unknown } | null)?.code ?? '');

/** Whether the same may be asked again a little later. */
export const isPassing = (error: unknown): boolean =>
  PASSING.has(codeOf(error)) || (error instanceof Error && LOST.test(error.message));

/** The schema or the tables are not there: there is no state yet. */
export const isUnmade = (error: unknown): boolean => ['42P01', '3F000'].includes(codeOf(error));

/** Somebody else makes the same at this moment. */
export const isMadeMeanwhile = (error: unknown): boolean => ['23505', '42P06', '42P07', 'XX000'].includes(codeOf(error));

const STEPS: Readonly<Record<string, string>> = {
  '28P01': 'look at user and password: spec.state of the Project, and what its env: or file: says now',
  '28000': 'let pg_hba.conf of the server allow this user from here, or name another one in the URL',
  '3D000': 'make the database, or name one that is there',
  '25006': 'name the primary server: this one is a standby, or lets nobody write',
  '53300': 'let the server take more connections; each run needs four at most',
  ECONNREFUSED: 'look at host and port of the URL of spec.state, and whether the server runs',
  ENOTFOUND: 'look at the host in the URL of spec.state',
  ENOENT: 'look at the folder of the socket in the URL of spec.state, and whether the server runs',
  SELF_SIGNED_CERT_IN_CHAIN: 'name the authority of its certificate: spec.state.caFile',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'name its certificate, or the authority of it: spec.state.caFile',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'name the authority of its certificate: spec.state.caFile',
  ERR_TLS_CERT_ALTNAME_INVALID: 'name the host as its certificate does',
};

const MESSAGE_MAX = 500;

/** What a database refuses, or that it cannot be reached; its words are cut and without secrets. */
export function pgFailure(place: string, error: unknown, more: readonly string[] = []): DiagnosticsError {
  const said = withoutShortSecrets(error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_MAX);
  const code = codeOf(error);
  const step = own(STEPS, code) ?? 'look at the log of the server';
  const diagnostic: Diagnostic = {
    severity: 'error',
    code: 'MP3033',
    detail: `${place}: ${said === '' ? 'no connection' : said}${code === '' ? '' : ` (${code})`}`,
    nextSteps: more.length > 0 ? more : [step],
  };
  return new DiagnosticsError([diagnostic], { cause: error });
}
