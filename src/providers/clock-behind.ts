import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';

/** The certificate is fine; the time at which it is judged is not. Trusting it by other means would be the wrong way out. */
export const clockNextSteps = ['compare the clock of this machine with a right one and set it, then run again: date -u'] as const;

export const NOT_YET_VALID = 'CERT_NOT_YET_VALID';

/** Both times, because only people can tell which of them is wrong. */
export function clockBehind(validFrom: Date | undefined, now = new Date()): string {
  const from = validFrom === undefined ? 'later' : validFrom.toISOString();
  return `its certificate is valid from ${from}, and this machine's clock says ${now.toISOString()}: the clock is behind`;
}

/** From when on all certificates that a server presents are valid. */
export function validFromOf(socket: TLSSocket): Date | undefined {
  let latest = Number.NEGATIVE_INFINITY;
  const seen = new Set<string>();
  let current: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (current?.fingerprint256 !== undefined && !seen.has(current.fingerprint256)) {
    seen.add(current.fingerprint256);
    latest = Math.max(latest, Date.parse(current.valid_from) || latest);
    current = current.issuerCertificate;
  }
  return Number.isFinite(latest) ? new Date(latest) : undefined;
}

const LOOK_MS_MAX = 5_000;

/** Looks at what a server presents, and sends nothing. undefined when it cannot be seen within 5 seconds. */
export function lookUpValidFrom(url: string): Promise<Date | undefined> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false, timeout: LOOK_MS_MAX });
    const end = (seen: Date | undefined): void => {
      socket.destroy();
      resolve(seen);
    };
    socket.once('secureConnect', () => end(validFromOf(socket)));
    socket.once('timeout', () => end(undefined));
    socket.once('error', () => end(undefined));
  });
}
