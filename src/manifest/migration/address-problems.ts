import { isIP } from 'node:net';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { asLine, fieldName } from '../base/field-name.js';
import type { Located, Path } from '../base/located.js';
import { problem, quoted } from '../base/problem.js';
import type { ResolvedSpec } from '../schema/migration-shape.js';

/** Addresses of ports, as far as their form does not tell: `10.20.4.310` and `10.20.4.0/99` have the form of one. */
export function addressProblems({ target }: ResolvedSpec, located: Located): Diagnostic[] {
  const base: Path = ['spec', 'target', 'server', 'networks'];
  return (target.server?.networks ?? []).flatMap((network, i) => {
    if (typeof network === 'string') return [];
    const { fixedIp, fixedIps, allowedAddressPairs: pairs } = network;
    const written: [Path, string][] = [
      ...(fixedIp === undefined ? [] : [[[...base, i, 'fixedIp'], fixedIp] as [Path, string]]),
      ...(fixedIps ?? []).map((address, n): [Path, string] => [[...base, i, 'fixedIps', n], address]),
      ...(pairs ?? []).map(({ ip }, n): [Path, string] => [[...base, i, 'allowedAddressPairs', n, 'ip'], ip]),
    ];
    return written.flatMap(([path, text]) => {
      const wrong = wrongIn(text);
      if (wrong === undefined) return [];
      const detail = `${fieldName(path)} is ${quoted(text)}, and ${wrong.why}`;
      return [
        problem('MP1018', located.rangeOf(path), { detail, nextSteps: [`Write for example: ${asLine(path, wrong.instead)}`] }),
      ];
    });
  });
}

const families = {
  4: { prefixMax: 32, example: '10.20.4.0/28' },
  6: { prefixMax: 128, example: 'fd00:20::/64' },
} as const;

/** Of an address or CIDR. undefined: nothing. */
function wrongIn(text: string): { readonly why: string; readonly instead: string } | undefined {
  const [address = '', prefix] = text.split('/');
  const family = isIP(address);
  if (family !== 4 && family !== 6) return { why: 'no IPv4 or IPv6 address is written so', instead: '10.20.4.31' };
  const { prefixMax, example } = families[family];
  if (prefix === undefined || Number(prefix) <= prefixMax) return undefined;
  return { why: `the prefix of an IPv${family} address is 0 to ${prefixMax}`, instead: example };
}
