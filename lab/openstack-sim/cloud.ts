import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BlockStorage, createBlockStorage } from './block/model.js';
import type { SimClock } from './clock.js';
import { type Compute, createCompute } from './compute/model.js';
import type { ResolvedConfig } from './config.js';
import { createDirectory, type Directory } from './identity/directory.js';
import type { Token } from './identity/model.js';
import { createIds, type IdSource } from './ids.js';
import { createImages, type Image } from './image/model.js';
import { createNetworking, type Networking } from './network/model.js';
import type { ListOrder } from './wire/list-order.js';
import { Refusal } from './wire/message.js';

/** The whole simulated cloud: plain data in memory, and the volumes' bytes as sparse files under `stateDir`. */
export interface Cloud {
  readonly config: ResolvedConfig;
  readonly clock: SimClock;
  readonly ids: IdSource;
  readonly stateDir: string;
  readonly directory: Directory;
  readonly block: BlockStorage;
  readonly compute: Compute;
  readonly networking: Networking;
  readonly images: Map<string, Image>;
  readonly listOrder: ListOrder;
}

export interface CloudOptions {
  readonly config: ResolvedConfig;
  readonly clock: SimClock;
  /** Absolute path. Made if absent; `volumes/` in it takes the volumes' files. */
  readonly stateDir: string;
}

export function createCloud({ config, clock, stateDir }: CloudOptions): Cloud {
  clearVolumeFiles(join(stateDir, 'volumes'));
  const directory = createDirectory(config);
  return {
    config,
    clock,
    stateDir,
    directory,
    ids: createIds(config.seed),
    block: createBlockStorage(config, stateDir),
    compute: createCompute(config),
    networking: createNetworking(config, directory),
    images: createImages(config, clock),
    listOrder: {},
  };
}

/** A project by name or id. Throws an Error when there is none. */
export function projectNamed({ directory }: Cloud, nameOrId: string): Directory['projects'][number] {
  const project = directory.projects.find(({ id, name }) => id === nameOrId || name === nameOrId);
  if (project === undefined) throw new Error(`there is no project ${nameOrId}`);
  return project;
}

/** Files of an earlier run belong to volumes nobody remembers. */
function clearVolumeFiles(dir: string): void {
  mkdirSync(dir, { recursive: true });
  for (const name of readdirSync(dir)) {
    if (/^(volume|snapshot)-[0-9a-f-]{36}$/.test(name)) rmSync(join(dir, name));
  }
}

/** Whether the token's bearer is an administrator of the cloud. */
export const isAdmin = (token: Token): boolean => token.roles.includes('admin');

/** The project a token is for. The gateway lets no unscoped token reach a service, so there is one. */
export function projectOf(token: Token): NonNullable<Token['project']> {
  if (token.project === undefined) throw new Refusal(401, 'The request you have made requires authentication.');
  return token.project;
}
