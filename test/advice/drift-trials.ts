import type { ObservedMigration } from '../../src/model/observed.js';
import type { ServerMake } from '../../src/model/observed-target.js';
import * as s from '../plan/plan-fixture.js';
import { type PlanTrial, planTrial, type Spec } from './plan-trial.js';
import { cloud, gone, lastly, made, off, port, running } from './target-world.js';
import type { Trial } from './tried.js';

const id = s.serverId('srv');
const world = (make: ServerMake): Partial<ObservedMigration> => ({
  ...running,
  ...off,
  ...cloud({ ports: [{ ...port, server: id }] }),
  server: { id, name: 'erp-db01', status: 'ACTIVE', make },
});

const write = 'a server that exists is left alone: change it in the cloud, or write spec.target.server.<…>: <…>';
const takeOut = 'a server that exists is left alone: change it in the cloud, or take spec.target.server.<…> out';
const leads = /^note Volume already converted$/;

/** What is written is what the server has. */
const rows: readonly PlanTrial[] = [
  { advice: write, spec: made(), seen: world({ flavor: 'm1.small' }), write: made({ flavor: 'm1.small' }), leads },
  { advice: write, spec: made(), seen: world({ flavor: 'm1.small' }), done: world({ flavor: 'm1.large' }), leads },
  { advice: write, spec: made({ networks: ['public'] }), seen: world({}), write: made({ networks: ['prod'] }), leads },
  {
    advice: write,
    spec: made({ securityGroups: ['web', 'default'] }),
    seen: world({ securityGroups: ['web'] }),
    write: made({ securityGroups: ['web'] }),
    leads,
  },
  { advice: takeOut, spec: made({ keyName: 'ops' }), seen: world({ keyName: '' }), write: made(), leads },
];

const some = (count: number): Spec => Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, 'x']));
const few = { quota: { serverMetadataMax: 128 } };

/** What Nova keeps of a server. */
const notes: readonly PlanTrial[] = [
  {
    advice: 'write those that are needed as spec.target.server.metadata, in place of what the source has',
    spec: made({ metadata: some(128) }),
    seen: { ...gone, ...cloud(few) },
    write: made({ metadata: some(2) }),
    leads: lastly,
  },
  {
    advice: 'write those that are needed as spec.target.server.tags',
    spec: made({ tags: Object.keys(some(51)) }),
    seen: { ...gone, ...cloud() },
    write: made({ tags: ['erp'] }),
    leads: lastly,
  },
];

export const driftTrials: readonly Trial[] = [...rows, ...notes].map(planTrial);
