import type { Secret } from './secret.js';

/** Keeps the last `charactersMax` characters of what a program says; the secrets it was given come out as `***`. */
export class TextTail {
  private text = '';
  constructor(
    private readonly charactersMax: number,
    private readonly secrets: readonly Secret[] = [],
  ) {}

  push(chunk: string | Uint8Array): void {
    this.text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    // Cut at twice the size only: cutting on every chunk would copy the text each time.
    if (this.text.length > 2 * this.charactersMax) this.text = this.text.slice(-this.charactersMax - this.longestSecret());
  }

  toString(): string {
    const redacted = this.secrets
      .map((secret) => secret.reveal())
      .filter((value) => value !== '')
      .reduce((text, value) => text.replaceAll(value, '***'), this.text);
    return redacted.slice(-this.charactersMax).trim();
  }

  /** What a cut must leave in front, so that no half of a secret stays behind unseen. */
  private longestSecret(): number {
    return Math.max(0, ...this.secrets.map((secret) => secret.reveal().length));
  }
}
