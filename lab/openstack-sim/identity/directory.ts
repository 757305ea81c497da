import type { ApplicationCredentialConfig, ResolvedConfig, RoleName } from '../config.js';
import { hexOf } from '../ids.js';
import { defaultQuota } from '../resolve-config.js';
import type { ApplicationCredential, Domain, Project, Token, User } from './model.js';

/** Who there is. Filled from the configuration; tokens come and go. */
export interface Directory {
  readonly projects: readonly Project[];
  readonly users: readonly User[];
  readonly applicationCredentials: Map<string, ApplicationCredential>;
  readonly tokens: Map<string, Token>;
}

const DOMAIN: Domain = { id: 'default', name: 'Default' };

export function createDirectory(config: ResolvedConfig): Directory {
  const projects = config.projects.map(
    ({ name, id, quota }): Project => ({
      name,
      domain: DOMAIN,
      id: id ?? hexOf(config.seed, `project ${name}`),
      quota: { ...defaultQuota, ...quota },
    }),
  );
  const projectId = (name: string) => projects.find((project) => project.name === name)?.id ?? '';
  const users = config.users.map((user): User => {
    const roles = new Map(Object.entries(user.roles).map(([project, names]) => [projectId(project), names]));
    const id = user.id ?? hexOf(config.seed, `user ${user.name}`);
    return { name: user.name, id, domain: DOMAIN, password: user.password, roles };
  });
  const applicationCredentials = new Map<string, ApplicationCredential>();
  for (const entry of config.applicationCredentials) {
    const credential = applicationCredentialOf(entry, { seed: config.seed, projects, users });
    applicationCredentials.set(credential.id, credential);
  }
  return { projects, users, applicationCredentials, tokens: new Map() };
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
  const roles = entry.roles ?? user.roles.get(project.id) ?? [];
  return {
    id: entry.id ?? hexOf(known.seed, `application credential ${entry.name}`),
    name: entry.name,
    secret: entry.secret,
    user,
    project,
    roles,
  };
}
