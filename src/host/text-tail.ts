import { longestSecretForm, type Secret, withoutGiven } from './secret.js';

/** Keeps the last `charactersMax` characters of what a program says; secrets come out as `***`, those it was given however short. */
export class TextTail {
  private text = '';
  constructor(
    private readonly charactersMax: number,
    private readonly secrets: readonly Secret[] = [],
  ) {}

  push(chunk: string | Uint8Array): void {
    this.text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    // Cut at twice the size only: cutting on every chunk would copy the text each time.
    if (this.text.length > 2 * this.charactersMax) this.text = this.text.slice(-this.charactersMax - longestSecretForm());
  }

  toString(): string {
    return withoutGiven(this.text, this.secrets).slice(-this.charactersMax).trim();
  }
}
