import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Chromium without a window, spoken to by its own protocol over two pipes. */
export interface Browser extends AsyncDisposable {
  open(): Promise<Tab>;
}

/** One page at a time. What it asked the network for, and what it said on its console, is kept. */
export interface Tab {
  readonly requests: string[];
  readonly said: string[];
  show(url: string, look?: Look): Promise<void>;
  /** The value of an expression in the page. */
  read<T>(expression: string): Promise<T>;
  press(key: 'Tab' | 'Enter'): Promise<void>;
  screenshot(clip?: { readonly y: number; readonly height: number }): Promise<Buffer>;
  pdf(): Promise<Buffer>;
  send(method: string, params?: object): Promise<Record<string, unknown>>;
}

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  readonly script?: boolean;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly sessionId?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--hide-scrollbars',
];

export async function openBrowser(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-test-'));
  const child = spawn('chromium', [...FLAGS, `--user-data-dir=${profile}`, '--remote-debugging-pipe', 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  await once(child, 'spawn');
  const wire = new Wire(child);
  return {
    async open() {
      const { targetId } = await wire.send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await wire.send('Target.attachToTarget', { targetId, flatten: true });
      return openTab(wire, sessionId as string);
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      await wire.send('Browser.close').catch(() => child.kill());
      await gone;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** JSON ended by NUL, one way on each pipe. */
class Wire {
  private readonly waiting = new Map<number, { resolve(result: Record<string, unknown>): void; reject(error: Error): void }>();
  private readonly listeners: ((message: Message) => void)[] = [];
  private last = 0;
  private rest = '';

  constructor(private readonly child: ChildProcess) {
    (child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.take(text));
    child.once('exit', (code) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`chromium ended with ${code}`));
    });
  }

  onMessage(listener: (message: Message) => void): void {
    this.listeners.push(listener);
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.last;
    const answer = new Promise<Record<string, unknown>>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return answer;
  }

  private take(text: string): void {
    const [...whole] = (this.rest + text).split('\0');
    this.rest = whole.pop() ?? '';
    for (const one of whole) this.handle(JSON.parse(one) as Message);
  }

  private handle(message: Message): void {
    const waiting = message.id === undefined ? undefined : this.waiting.get(message.id);
    if (message.id === undefined || waiting === undefined) {
      for (const listener of this.listeners) listener(message);
      return;
    }
    this.waiting.delete(message.id);
    if (message.error === undefined) waiting.resolve(message.result ?? {});
    else waiting.reject(new Error(message.error.message));
  }
}

async function openTab(wire: Wire, session: string): Promise<Tab> {
  const requests: string[] = [];
  const said: string[] = [];
  let loaded: (() => void) | undefined;
  const send = (method: string, params: object = {}) => wire.send(method, params, session);
  wire.onMessage(({ method, params = {}, sessionId }) => {
    if (sessionId !== session) return;
    if (method === 'Page.loadEventFired') loaded?.();
    if (method === 'Network.requestWillBeSent') requests.push((params as { request: { url: string } }).request.url);
    if (method === 'Runtime.consoleAPICalled' || method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded')
      said.push(JSON.stringify(params));
  });
  for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await send(`${domain}.enable`);
  return {
    requests,
    said,
    send,
    async show(url, { width = 1400, height = 900, scheme = 'light', script = true } = {}) {
      requests.length = 0;
      said.length = 0;
      await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
      await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
      await send('Emulation.setScriptExecutionDisabled', { value: !script });
      const isLoaded = new Promise<void>((resolve) => {
        loaded = resolve;
      });
      await send('Page.navigate', { url });
      await isLoaded;
    },
    async read<T>(expression: string) {
      const answer = await send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
      if (answer['exceptionDetails'] !== undefined) throw new Error(JSON.stringify(answer['exceptionDetails']));
      return (answer['result'] as { value: T }).value;
    },
    async press(key) {
      for (const type of ['keyDown', 'keyUp'])
        await send('Input.dispatchKeyEvent', {
          type,
          key,
          code: key,
          windowsVirtualKeyCode: key === 'Tab' ? 9 : 13,
          ...(key === 'Enter' ? { text: '\r' } : {}),
        });
    },
    async screenshot(part) {
      const { width, height } = (await send('Page.getLayoutMetrics'))['cssContentSize'] as { width: number; height: number };
      const clip = { x: 0, y: 0, width, height, scale: 1, ...part };
      const { data } = await send('Page.captureScreenshot', { captureBeyondViewport: true, clip });
      return Buffer.from(data as string, 'base64');
    },
    async pdf() {
      const { data } = await send('Page.printToPDF', { preferCSSPageSize: true, printBackground: false });
      return Buffer.from(data as string, 'base64');
    },
  };
}
