import type { FaultRule } from '../fault-plan.js';
import type { VddkKnobs } from '../vddk-endpoint.js';
import type { CbtConfig, PermissionConfig, SnapshotConfig } from '../world-config.js';
import type { ControlContext } from './context.js';
import { diskControl } from './disk-control.js';
import { guestControl } from './guest-control.js';
import { snapshotControl } from './snapshot-control.js';
import { vmControl } from './vm-control.js';

/** Everything tests may do and see, over HTTP or in process. Each command takes one plain object and gives plain data. */
export function createControl(context: ControlContext) {
  return {
    ...guestControl(context),
    ...snapshotControl(context),
    ...vmControl(context),
    ...diskControl(context),
    ...serviceControl(context),
  };
}

export type Control = ReturnType<typeof createControl>;

function serviceControl({ vcenter, faults, calls, vddk }: ControlContext) {
  const { world, sessions, clock } = vcenter;
  return {
    sessions: () => ({
      sessions: sessions.all().map(({ key, account, userAgent, lastActiveTime, callCount }) => ({
        key,
        user: account.name,
        userAgent,
        lastActiveTime: lastActiveTime.toISOString(),
        callCount,
      })),
    }),
    setUser: ({
      user,
      ...change
    }: {
      user: string;
      deniedPrivileges?: readonly string[];
      permissions?: readonly PermissionConfig[];
    }) => {
      sessions.setUser(user, change);
      return {};
    },
    killSessions: ({ key }: { key?: string }) => ({ killed: sessions.kill(key) }),
    advanceClock: ({ minutes }: { minutes: number }) => {
      clock.advance(minutes * 60_000);
      return { now: clock.now().toISOString() };
    },
    calls: () => ({ calls: [...calls.all()] }),
    clearCalls: () => {
      calls.clear();
      return {};
    },
    addFault: (rule: FaultRule) => {
      faults.add(rule);
      return {};
    },
    clearFaults: () => {
      faults.clear();
      return {};
    },
    setOptions: (options: { cbt?: CbtConfig; snapshots?: SnapshotConfig }) => {
      world.cbt = { ...world.cbt, ...options.cbt };
      world.snapshots = { ...world.snapshots, ...options.snapshots };
      return { cbt: world.cbt, snapshots: world.snapshots };
    },
    setVddk: (knobs: VddkKnobs) => {
      vddk.knobs = knobs;
      return {};
    },
    killReaders: ({ signal }: { signal?: 'SIGKILL' | 'SIGTERM' }) => {
      const victims = [...vcenter.readers.all()];
      for (const { pid } of victims) process.kill(pid, signal ?? 'SIGKILL');
      return { killed: victims.map(({ pid }) => pid) };
    },
    stats: () => ({
      ...world.counters,
      snapshotsNow: [...world.vms.values()].reduce((sum, vm) => sum + vm.snapshots.size, 0),
      sessionsNow: sessions.all().length,
      readersNow: vcenter.readers.all().length,
    }),
  };
}
