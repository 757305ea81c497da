import type { ProjectQuota, RoleName } from '../config.js';

export interface Domain {
  readonly id: string;
  readonly name: string;
}

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly domain: Domain;
  readonly quota: ProjectQuota;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly domain: Domain;
  readonly password: string;
  /** Roles by project id. */
  readonly roles: ReadonlyMap<string, readonly RoleName[]>;
}

export interface ApplicationCredential {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
  readonly user: User;
  readonly project: Project;
  readonly roles: readonly RoleName[];
}

/** What a bearer of the token may do, and until when. */
export interface Token {
  readonly value: string;
  readonly user: User;
  /** Absent from an unscoped token, which no service but Keystone takes. */
  readonly project: Project | undefined;
  readonly roles: readonly RoleName[];
  readonly methods: readonly string[];
  readonly applicationCredential: ApplicationCredential | undefined;
  readonly issuedMs: number;
  readonly expiresMs: number;
  readonly auditId: string;
}
