/**
 * The services are Python and show it on the wire: a list filter is a Python dict literal, and messages quote values
 * the way Python prints them.
 */

/**
 * Reads a flat dict of strings and whole numbers: `{'mig.vm': 'vm-101', 'disk': 0}`, JSON included. Returns undefined for
 * anything else, whatever the reason, since the real service then finds nothing either.
 */
export function parsePythonDict(text: string): Map<string, string | number> | undefined {
  const scanner = new Scanner(text);
  if (!scanner.take('{')) return undefined;
  const entries = new Map<string, string | number>();
  while (!scanner.take('}')) {
    const key = scanner.string();
    if (key === undefined || !scanner.take(':')) return undefined;
    const value = scanner.string() ?? scanner.number();
    if (value === undefined) return undefined;
    entries.set(key, value);
    if (!scanner.take(',') && !scanner.sees('}')) return undefined;
  }
  return scanner.atEnd() ? entries : undefined;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"', '/': '/' };

class Scanner {
  private at = 0;
  constructor(private readonly text: string) {}

  sees(mark: string): boolean {
    while (this.text[this.at] === ' ' || this.text[this.at] === '\n') this.at++;
    return this.text[this.at] === mark;
  }

  take(mark: string): boolean {
    if (!this.sees(mark)) return false;
    this.at++;
    return true;
  }

  atEnd(): boolean {
    return this.text.slice(this.at).trim() === '';
  }

  string(): string | undefined {
    const quote = ["'", '"'].find((mark) => this.take(mark));
    if (quote === undefined) return undefined;
    let value = '';
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at] as string;
      if (char === quote) {
        this.at++;
        return value;
      }
      value += char === '\\' ? this.escaped() : char;
    }
    return undefined;
  }

  number(): number | undefined {
    const [digits] = /^-?\d+/.exec(this.text.slice(this.at)) ?? [];
    if (digits === undefined) return undefined;
    this.at += digits.length;
    return Number(digits);
  }

  private escaped(): string {
    const char = this.text[++this.at] ?? '';
    if (char !== 'u') return escapes[char] ?? `\\${char}`;
    const code = this.text.slice(this.at + 1, this.at + 5);
    this.at += 4;
    return String.fromCharCode(Number.parseInt(code, 16));
  }
}

/** A value as Python's repr() prints it. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string')
    return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`)
      .join(', ')}}`;
  }
  return String(value);
}

/** A value as Python's str() prints it: strings without quotes. */
export const pythonText = (value: unknown): string => (typeof value === 'string' ? value : pythonRepr(value));
