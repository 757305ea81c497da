import { basicCredentials } from './credentials.js';
import type { StateRequest } from './exchange.js';

/** Somebody GitLab knows. */
export interface GitLabPerson {
  /** User name, shown to others as the holder of a lock. */
  readonly user: string;
  readonly token: string;
  /** In the project. Developers read, maintainers write and lock; `none`: the project is as if it were not there. Default maintainer. */
  readonly role?: 'none' | 'reporter' | 'developer' | 'maintainer';
  /** A token of a running job: by basic authentication as `gitlab-ci-token` alone. Default false. */
  readonly isJob?: boolean;
}

const JOB_USER = 'gitlab-ci-token';

/** Of a personal token by basic authentication only the token counts, whatever the user name. */
export function callerOf(people: readonly GitLabPerson[], { headers }: StateRequest): GitLabPerson | undefined {
  const basic = basicCredentials(headers);
  const token = basic?.secret ?? headerToken(headers);
  const isJob = basic?.user === JOB_USER;
  return people.find((person) => person.token === token && (person.isJob ?? false) === isJob);
}

const headerToken = (headers: StateRequest['headers']): string | undefined =>
  headers['private-token']?.toString() ?? /^bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
