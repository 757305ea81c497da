/** A journal as apply writes it: copies of several VMs at a time, one conversion that fails, one VM that is being worked on. */
export function journalText(run: string, vms: readonly string[], { ended = true } = {}): string {
  const began = Date.parse('2026-06-01T20:00:00.000Z');
  const lines: { at: number; line: object }[] = [];
  const say = (second: number, event: string, fields: object): void => {
    lines.push({ at: second, line: { at: new Date(began + second * 1000).toISOString(), event, ...fields } });
  };
  const addresses = vms.map((name) => `vm/${name}`);
  const process = { who: 'ops@conv1', host: 'conv1', pid: 4648, startedTicks: '1', pidNamespace: '2' };
  const plan = { id: 'd0b6a7e2', digest: 'sha256:abc', createdAt: '2026-06-01T12:00:00.000Z' };
  say(0, 'run-start', {
    format: 1,
    run,
    migplan: '0.1.0',
    node: 'v20.20.2',
    command: ['migplan', 'apply', 'plan.json'],
    folder: '/srv/move',
    plan,
    process,
    addresses,
  });
  for (const [index, address] of addresses.entries())
    vmLines(say, { address, index, isLast: index === addresses.length - 1, ended });
  const end = Math.max(...lines.map(({ at }) => at)) + 5;
  const results = addresses.map((address, index) => ({ address, result: index === 1 ? 'failed' : 'done' }));
  if (ended) say(end, 'run-end', { exit: 6, results, diagnostics: [], causes: [] });
  return `${lines
    .sort((a, b) => a.at - b.at)
    .map(({ line }) => JSON.stringify(line))
    .join('\n')}\n`;
}

interface Place {
  readonly address: string;
  readonly index: number;
  readonly isLast: boolean;
  readonly ended: boolean;
}

type Say = (second: number, event: string, fields: object) => void;

const MiB = 2 ** 20;

function vmLines(say: Say, { address, index, isLast, ended }: Place): void {
  const start = 3 + Math.floor(index / 2) * 140 + (index % 2) * 20;
  const [mode, bytes] = index % 3 === 0 ? ['full', 9000 * MiB] : ['delta', (900 + index * 170) * MiB];
  say(start, 'vm-start', { address });
  say(start, 'action-start', { address, kind: 'sync' });
  say(start + 2, 'disk-start', {
    address,
    disk: 2000,
    mode,
    cycle: 3,
    capacity: 40960 * MiB,
    ...(mode === 'delta' && { bytes, extents: 1200 }),
  });
  let done = 0;
  let second = start + 2;
  while (done < bytes && second < start + 110) {
    second += 10;
    done = Math.min(bytes, done + (60 + ((second * 7 + index * 31) % 50)) * 10 * MiB);
    say(second, 'progress', { address, disk: 2000, bytesDone: done, bytesTotal: bytes });
  }
  if (isLast && !ended) return;
  const seconds = second - start;
  say(second, 'disk-synced', {
    address,
    disk: 2000,
    bytes: done,
    seconds,
    changeId: 'a/1',
    verified: { mode: 'full', bytes: done },
  });
  say(second + 1, 'action-done', { address, kind: 'sync', seconds: seconds + 1 });
  if (index === 1) {
    say(second + 2, 'action-start', { address, kind: 'convert' });
    const detail = 'virt-v2v-in-place: no root device found';
    say(second + 20, 'vm-error', {
      address,
      causes: [
        { name: 'ConvertError', message: detail },
        { name: 'Error', code: 'ENOENT', message: 'no <root>' },
      ],
    });
    const diagnostics = [{ severity: 'error', code: 'MP7001', address, detail, nextSteps: ['look at the log'] }];
    say(second + 20, 'vm-end', { address, result: 'failed', diagnostics, logs: ['/srv/move/.migplan/runs/r/logs/virt-v2v.log'] });
  } else say(second + 2, 'vm-end', { address, result: 'done', diagnostics: [], logs: [] });
}
