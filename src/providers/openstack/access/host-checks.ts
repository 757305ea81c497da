import type { HostCheck } from '../../../contracts/provider.js';
import type { NamedServer } from './conversion-server.js';
import { type HostDescription, isMachineOf } from './device-host.js';

/** What a conversion host is like, before any volume is attached to it. */
export interface HostState {
  /** As its firmware names it. Undefined: it may not be read, or there is none. */
  readonly machine: string | undefined;
  /** Whether the folder for links is there. */
  readonly hasFolder: boolean;
  readonly mayOpen: boolean;
}

interface About {
  readonly server: NamedServer;
  readonly byIdDir: string;
  readonly description: HostDescription;
}

/** The checks that are the same on this machine and on another. */
export const hostChecks = (state: HostState, about: About): HostCheck[] => [
  isTheServer(state, about),
  state.mayOpen
    ? { what: 'attached volumes may be opened', found: 'yes' }
    : {
        what: 'attached volumes may be opened',
        found: '',
        problem: { isFatal: true, detail: 'no', nextSteps: [about.description.rights] },
      },
  hasLinks(state, about),
];

function isTheServer({ machine }: HostState, { server, description }: About): HostCheck {
  const what = `${description.name} is server ${server.name}`;
  if (machine === undefined) return { what, found: 'cannot be told: only root may read the machine’s UUID, or it has none' };
  if (isMachineOf(machine, server.id)) return { what, found: `yes (${server.id})` };
  const detail = `${description.name} is machine ${machine}, server ${server.name} is ${server.id}`;
  return { what, found: '', problem: { isFatal: true, detail, nextSteps: [description.elsewhere(server)] } };
}

/** udev makes the folder with the first disk that has a serial. */
function hasLinks({ hasFolder }: HostState, { byIdDir, description }: About): HostCheck {
  const what = 'links named for serials';
  if (hasFolder) return { what, found: byIdDir };
  const detail = `${byIdDir} is not there on ${description.name}; udev makes it with the first disk that has a serial`;
  const nextSteps = ['See whether udev runs there: pgrep -a udevd; and that byIdDir of access is right.'];
  return { what, found: 'not yet', problem: { isFatal: false, detail, nextSteps } };
}
