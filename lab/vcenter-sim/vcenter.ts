import type { SimClock } from './clock.js';
import type { Sessions } from './sessions.js';
import { MoRef } from './soap/value.js';
import type { Tasks } from './tasks.js';
import type { Readers } from './world/readers.js';
import type { World } from './world/world.js';

/** Everything an operation may touch. */
export interface Vcenter {
  readonly world: World;
  readonly sessions: Sessions;
  readonly tasks: Tasks;
  readonly readers: Readers;
  readonly clock: SimClock;
  readonly about: About;
  /** Keeps hold of work that goes on after the answer, such as a guest shutting down. */
  readonly background: (work: Promise<void>) => void;
}

export interface About {
  readonly instanceUuid: string;
  readonly version: string;
  readonly build: string;
  readonly apiVersion: string;
}

/** Objects that exist once, under the ids vCenter gives them. */
export const SINGLETONS = {
  serviceInstance: new MoRef('ServiceInstance', 'ServiceInstance'),
  propertyCollector: new MoRef('PropertyCollector', 'propertyCollector'),
  viewManager: new MoRef('ViewManager', 'ViewManager'),
  sessionManager: new MoRef('SessionManager', 'SessionManager'),
  authorizationManager: new MoRef('AuthorizationManager', 'AuthorizationManager'),
  searchIndex: new MoRef('SearchIndex', 'SearchIndex'),
  taskManager: new MoRef('TaskManager', 'TaskManager'),
} as const;

export const isSingleton = (ref: MoRef): boolean => Object.values(SINGLETONS).some((known) => MoRef.isEqual(known, ref));
