import { hostname, userInfo } from 'node:os';

/** `user@host`, for people. A container often runs under a user id that has no name. */
export const currentUser = (): string => `${userName()}@${hostname()}`;

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
