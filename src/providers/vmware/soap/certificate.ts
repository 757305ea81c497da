import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { clockBehind, NOT_YET_VALID, validFromOf } from '../../clock-behind.js';
import { TransportFailure } from './failure.js';

/** What makes a certificate trusted: authorities (PEM; those of the system when absent) or the fingerprint of the leaf. */
export type CertificateTrust =
  | { readonly kind: 'authorities'; readonly pem?: string }
  | { readonly kind: 'thumbprint'; readonly algorithm: 'sha1' | 'sha256'; readonly hex: string };

/** Fingerprints of a leaf certificate as people and VDDK write them: upper-case pairs with colons. */
export interface LeafCertificate {
  readonly sha1: string;
  readonly sha256: string;
}

const SHA1_HEX_LENGTH = 40;
const SHA256_HEX_LENGTH = 64;
const CONNECT_TIMEOUT_MS = 15_000;

/** undefined when the text is neither a SHA-1 nor a SHA-256 fingerprint. */
export function parseThumbprint(text: string): CertificateTrust | undefined {
  const hex = text.replaceAll(':', '').toLowerCase();
  if (!/^[0-9a-f]+$/.test(hex)) return undefined;
  if (hex.length === SHA256_HEX_LENGTH) return { kind: 'thumbprint', algorithm: 'sha256', hex };
  if (hex.length === SHA1_HEX_LENGTH) return { kind: 'thumbprint', algorithm: 'sha1', hex };
  return undefined;
}

function leafOf(socket: TLSSocket): LeafCertificate | undefined {
  const raw = socket.getPeerCertificate().raw as Buffer | undefined;
  if (raw === undefined) return undefined;
  const { fingerprint, fingerprint256 } = new X509Certificate(raw);
  return { sha1: fingerprint, sha256: fingerprint256 };
}

const isTooEarly = ({ authorized, authorizationError }: TLSSocket): boolean =>
  !authorized && String(authorizationError) === NOT_YET_VALID;

/** Why the certificate of this connection is refused; undefined when it is trusted. */
function refusal(socket: TLSSocket, leaf: LeafCertificate | undefined, trust: CertificateTrust): string | undefined {
  if (leaf === undefined) return 'the server presented no certificate';
  if (trust.kind === 'authorities') {
    if (isTooEarly(socket)) return clockBehind(validFromOf(socket));
    return socket.authorized ? undefined : `the certificate was refused (${socket.authorizationError ?? 'no reason given'})`;
  }
  const presented = leaf[trust.algorithm].replaceAll(':', '').toLowerCase();
  return presented === trust.hex ? undefined : `the certificate does not have the ${trust.algorithm} thumbprint of the manifest`;
}

/**
 * Opens TLS connections for undici and hands over only those whose certificate is trusted: nothing is written before.
 *
 * Verification by authorities is Node's own, host name included; it is asked for its verdict (`authorized`) instead of
 * being left to tear the connection down, because the message must name the certificate that was presented.
 * TLS sessions are not resumed: each connection proves itself by its own handshake.
 */
export function trustingConnector(
  trust: CertificateTrust,
  onTrusted: (leaf: LeafCertificate) => void,
): ReturnType<typeof buildConnector> {
  const ca = trust.kind === 'authorities' && trust.pem !== undefined ? { ca: trust.pem } : {};
  const connect = buildConnector({ ...ca, rejectUnauthorized: false, maxCachedSessions: 0, timeout: CONNECT_TIMEOUT_MS });
  return (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      const leaf = leafOf(socket as TLSSocket);
      const why = refusal(socket as TLSSocket, leaf, trust);
      if (why === undefined) {
        onTrusted(leaf!);
        return callback(null, socket);
      }
      socket.destroy();
      const isClockBehind = trust.kind === 'authorities' && isTooEarly(socket as TLSSocket);
      const details = leaf === undefined ? {} : { presentedThumbprint: leaf.sha256, isClockBehind };
      callback(new TransportFailure('untrusted', 'connect', why, details), null);
    });
  };
}
