import { readFileSync } from 'node:fs';
import type { MoRef } from '../soap/value.js';

/** A process that has a frozen disk open. Identified by pid and start time: pids are reused. */
export interface Reader {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, as text. */
  readonly startTime: string;
  readonly vm: string;
  readonly snapshot: string | undefined;
  readonly fileName: string;
}

/** Open handles on disks. A process that ended no longer counts, whether or not it said good-bye. */
export class Readers {
  private entries: Reader[] = [];

  add(reader: Reader): void {
    this.entries.push(reader);
  }

  all(): readonly Reader[] {
    this.entries = this.entries.filter(({ pid, startTime }) => processStartTime(pid) === startTime);
    return this.entries;
  }

  of(snapshot: MoRef): readonly Reader[] {
    return this.all().filter((reader) => reader.snapshot === snapshot.value);
  }

  ofVm(vm: MoRef): readonly Reader[] {
    return this.all().filter((reader) => reader.vm === vm.value);
  }
}

/** Start time of a live process in clock ticks since boot; undefined when it is gone or only waits to be reaped. */
export function processStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
