import type { ObservedMigration, ServerMake } from '../../src/model/observed.js';
import * as s from '../plan/scene.js';
import { type PlanTrial, planTrial } from './plan-trial.js';
import { cloud, converted, made, off, port } from './target-world.js';
import type { Trial } from './tried.js';

const id = s.serverId('srv');
const world = (make: ServerMake): Partial<ObservedMigration> => ({
  ...converted,
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

export const driftTrials: readonly Trial[] = rows.map(planTrial);
