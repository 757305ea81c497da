import { own } from '../../../model/own.js';

const PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

/** `HOST:PORT` of a URL, the port also where the URL leaves it out. */
export function hostOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (own(PORTS, protocol) ?? '')}`;
}
