import { NOT_YET_VALID } from '../../clock-behind.js';
import { notConnectedCodes } from '../../not-connected.js';

/** Node's and OpenSSL's codes for a certificate that is not accepted. */
const TLS_CODES = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
  NOT_YET_VALID,
  'CERT_REVOKED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
];

export const isUnsent = (error: unknown): boolean => codesOf(error).some((code) => notConnectedCodes.includes(code));

/** The certificate is not valid yet by this machine's clock. */
export class ClockBehind extends Error {
  override readonly name = 'ClockBehind';
  readonly code = NOT_YET_VALID;
}

export const isTooEarly = (error: unknown): boolean => codesOf(error).includes(NOT_YET_VALID);

export const isTlsProblem = (error: unknown): boolean => codesOf(error).some((code) => TLS_CODES.includes(code));

/** The provider was disposed while the call was under way: nobody waits for the answer any more. */
export const isClosed = (error: unknown): boolean =>
  codesOf(error).some((code) => code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED');

/** A host with several addresses fails with one error each. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.flatMap(codesOf);
  return 'code' in error && typeof error.code === 'string' ? [error.code] : [];
}
