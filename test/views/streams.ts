import type { Streams } from '../../src/views/streams.js';
import type { ViewOptions } from '../../src/views/view-options.js';

/** Keeps what a view says; stderr is marked. Control sequences are written out, so that a golden file can be read. */
export class RecordingStreams implements Streams {
  text = '';
  constructor(
    private readonly isTerminal = false,
    readonly columns = 100,
    readonly rows = 24,
  ) {}

  get outIsTerminal(): boolean {
    return this.isTerminal;
  }
  get errIsTerminal(): boolean {
    return this.isTerminal;
  }
  out(text: string): void {
    this.text += visible(text);
  }
  err(text: string): void {
    this.text += visible(text).replace(/^(?=.)/gm, 'stderr| ');
  }
}

const visible = (text: string): string => text.replaceAll('\u001b', '␛');

/** Time stands still unless a test moves it. */
export class TestTime {
  constructor(private atMs = Date.parse('2026-06-01T12:00:00Z')) {}
  readonly now = (): Date => new Date(this.atMs);
  readonly monotonicMs = (): number => this.atMs;
  pass(seconds: number): void {
    this.atMs += seconds * 1000;
  }
}

export const viewOptions = (streams: Streams, over: Partial<ViewOptions> = {}): ViewOptions => ({
  streams,
  format: 'human',
  noColor: true,
  inAutomation: false,
  version: '0.1.0',
  now: new TestTime().now,
  monotonicMs: new TestTime().monotonicMs,
  ...over,
});
