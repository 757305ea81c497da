import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { invariant } from '../../diag/diagnostic.js';
import type { DesiredMigration } from '../../model/desired.js';

/**
 * sha256 (hex) of what the files ask for: all migrations with defaults filled in, and the providers as written without the
 * references to their passwords, and the environment. Comments, order, file names and the folder of the checkout do not change it.
 */
export function configDigest(migrations: readonly DesiredMigration[], providers: unknown, environment?: string): string {
  const wanted = migrations
    .map(({ file: _file, ranges: _ranges, ...desired }) => desired)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const text = canonicalize({
    migrations: wanted,
    providers: withoutPasswords(providers),
    ...(environment !== undefined && { environment }),
  });
  invariant(text !== undefined, 'plain data always has a canonical form');
  return createHash('sha256').update(text).digest('hex');
}

function withoutPasswords(providers: unknown): unknown {
  if (typeof providers !== 'object' || providers === null) return {};
  return Object.fromEntries(
    Object.entries(providers).map(([name, provider]) => {
      const { password: _password, ...rest } = Object(provider) as Record<string, unknown>;
      return [name, rest];
    }),
  );
}
