import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../harness/bench.js';
import type { RunningCli } from '../harness/cli.js';
import type { Postgres } from '../postgres/index.js';
import type { Draw } from './people.js';

/** What becomes of a run: `arm` before it is started, `strike` while it runs. */
export interface Fate {
  readonly kind: string;
  readonly told: string;
  arm(): Promise<unknown>;
  strike(run: RunningCli): Promise<unknown>;
  /** When the run on the other machine has ended. Absent: nothing more happens. */
  readonly wake?: (run: RunningCli) => void;
}

const nothing = async (): Promise<void> => {};

const VCENTER_CALLS = ['CreateSnapshot_Task', 'RemoveSnapshot_Task', 'QueryChangedDiskAreas', 'RetrievePropertiesEx'] as const;

/** `usualMs`: how long a run takes that nobody disturbs. */
export function drawFate({ source, target }: Bench, draw: Draw, usualMs: number): Fate {
  const nth = 1 + draw(6);
  const fates: readonly (() => Fate)[] = [
    () => kill(draw(Math.round(usualMs * 1.2))),
    () => kill(Math.round(usualMs / 3) + draw(usualMs)),
    () => kill(Math.round(usualMs / 2) + draw(usualMs)),
    () => {
      const method = VCENTER_CALLS[draw(VCENTER_CALLS.length)]!;
      const when = draw(2) === 0 ? ('before' as const) : ('after' as const);
      const action = draw(2) === 0 ? { drop: true as const } : { truncate: true as const };
      const told = `vCenter cuts call ${nth} of ${method}, ${when} it is done`;
      return armed('connection cut', told, () => source.control.addFault({ method, nth, when, do: action }));
    },
    () =>
      armed('cbt-invalid', 'vCenter does not know the change id', () =>
        source.control.addFault({
          method: 'QueryChangedDiskAreas',
          nth,
          times: 'always',
          do: { fault: { type: 'InvalidArgument', fields: { invalidProperty: 'changeId' } } },
        }),
      ),
    () => {
      const method = (['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] as const)[draw(5)]!;
      const when = draw(2) === 0 ? ('before' as const) : ('after' as const);
      const told = `the cloud cuts call ${nth} of ${method}, ${when} it is done`;
      return armed('answer lost', told, () => target.control.addFault({ method, nth, when, do: { drop: true } }));
    },
    () =>
      armed('refused', `the cloud refuses call ${nth} of POST`, () =>
        target.control.addFault({ method: 'POST', nth, do: { status: 500 } }),
      ),
    () => ({
      kind: 'reader killed',
      told: 'the readers of source disks are killed',
      arm: nothing,
      strike: async () => {
        await sleep(Math.round(usualMs / 2) + draw(usualMs / 2));
        await source.control.killReaders({ signal: 'SIGKILL' });
      },
    }),
  ];
  return fates[draw(Math.round(fates.length * 1.5))]?.() ?? armed('none', 'nothing disturbs it', nothing);
}

/** What else becomes of a run whose state is on a server that another machine sees, which goes on meanwhile. */
export function drawSharedFate(server: Postgres, draw: Draw, usualMs: number): Fate {
  const afterMs = Math.round(usualMs / 4) + draw(usualMs);
  const fates: readonly (() => Fate)[] = [
    () => kill(afterMs),
    () => hang(afterMs),
    () => hang(afterMs),
    () => trouble('database restarted', afterMs, () => server.restart()),
    () => trouble('database killed', afterMs, () => server.kill9().then(() => server.start())),
    () => armed('none', 'nothing disturbs it', nothing),
  ];
  return fates[draw(fates.length)]!();
}

const trouble = (kind: string, afterMs: number, strike: () => Promise<void>): Fate => ({
  kind,
  told: `${kind} after ${afterMs} ms`,
  arm: nothing,
  strike: () => sleep(afterMs).then(strike),
});

/** As a machine that is suspended: what it started goes on until somebody ends it. */
const hang = (afterMs: number): Fate => ({
  kind: 'hang',
  told: `it stands still after ${afterMs} ms, until the other one has ended`,
  arm: nothing,
  strike: async (run) => {
    if (!(await endsWithin(run, afterMs))) run.child.kill('SIGSTOP');
  },
  wake: ({ child }) => void child.kill('SIGCONT'),
});

const endsWithin = async ({ finished }: RunningCli, ms: number): Promise<boolean> =>
  (await Promise.race([finished.then(() => 'ended' as const), sleep(ms)])) === 'ended';

const armed = (kind: string, told: string, arm: () => Promise<unknown>): Fate => ({ kind, told, arm, strike: nothing });

const kill = (afterMs: number): Fate => ({
  kind: 'kill',
  told: `it is killed after ${afterMs} ms`,
  arm: nothing,
  strike: async (run) => {
    if (!(await endsWithin(run, afterMs))) run.child.kill('SIGKILL');
  },
});
