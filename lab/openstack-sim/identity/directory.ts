import { readFileSync } from 'node:fs';
import type { ApplicationCredentialConfig, ResolvedConfig, RoleName } from '../config.js';
import { hexOf } from '../ids.js';
import { defaultQuota } from '../resolve-config.js';
import type { ApplicationCredential, Domain, Project, Token, User } from './model.js';

/** Who there is. Filled from the configuration; application credentials and tokens come and go. */
export interface Directory {
  readonly domains: readonly Domain[];
  readonly projects: readonly Project[];
  readonly users: readonly User[];
  readonly applicationCredentials: Map<string, ApplicationCredential>;
  readonly tokens: Map<string, Token>;
}

/** Throws an Error when a password file cannot be read or a domain is unknown. */
export function createDirectory(config: ResolvedConfig): Directory {
  const domains = config.domains.map((name) => ({
    name,
    id: name === 'Default' ? 'default' : hexOf(config.seed, `domain ${name}`),
  }));
  const domainOf = (name: string = domains[0]?.name ?? 'Default') => {
    const domain = domains.find((candidate) => candidate.name === name);
    if (domain === undefined) throw new Error(`cloud config: domain ${JSON.stringify(name)} is not defined`);
    return domain;
  };
  const projects = config.projects.map(({ name, domain, id, quota }): Project => {
    return {
      name,
      domain: domainOf(domain),
      id: id ?? hexOf(config.seed, `project ${name}`),
      quota: { ...defaultQuota, ...quota },
    };
  });
  const projectId = (name: string) => projects.find((project) => project.name === name)?.id ?? '';
  const users = config.users.map((user): User => {
    const roles = new Map(Object.entries(user.roles).map(([project, names]) => [projectId(project), names]));
    const password = user.password ?? (user.passwordFile === undefined ? undefined : secretFrom(user.passwordFile));
    return {
      name: user.name,
      id: user.id ?? hexOf(config.seed, `user ${user.name}`),
      domain: domainOf(user.domain),
      password,
      roles,
    };
  });
  const applicationCredentials = new Map<string, ApplicationCredential>();
  for (const entry of config.applicationCredentials) {
    const credential = applicationCredentialOf(entry, { seed: config.seed, projects, users });
    applicationCredentials.set(credential.id, credential);
  }
  return { domains, projects, users, applicationCredentials, tokens: new Map() };
}

/** Keystone lets a role imply the lesser ones: admin > member > reader. */
export const withImplied = (roles: readonly RoleName[]): RoleName[] => {
  const order: readonly RoleName[] = ['admin', 'member', 'reader'];
  const highest = Math.min(...roles.map((role) => order.indexOf(role)));
  return order.slice(highest);
};

function applicationCredentialOf(
  entry: ApplicationCredentialConfig,
  known: { seed: string; projects: readonly Project[]; users: readonly User[] },
): ApplicationCredential {
  const user = known.users.find(({ name }) => name === entry.user) as User;
  const project = known.projects.find(({ name }) => name === entry.project) as Project;
  const secret = entry.secret ?? (entry.secretFile === undefined ? undefined : secretFrom(entry.secretFile));
  if (secret === undefined)
    throw new Error(`cloud config: application credential ${entry.name} has neither secret nor secretFile`);
  const roles = entry.roles ?? user.roles.get(project.id) ?? [];
  return {
    id: entry.id ?? hexOf(known.seed, `application credential ${entry.name}`),
    name: entry.name,
    secret,
    user,
    project,
    roles,
  };
}

const secretFrom = (file: string) => readFileSync(file, 'utf8').replace(/\r?\n$/, '');
