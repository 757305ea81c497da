/** What people call variables with secrets in them, and everything of the OpenStack clients, which no program we start needs. */
const SECRET_NAMES = /^OS_|PASSW|PASSPHRASE|SECRET|TOKEN/i;

const withheld = new Set<string>();

/** From now on no program that we start has this variable in its environment, where any process of the user can read it. */
export function withholdFromChildren(name: string): void {
  withheld.add(name);
}

/** Our environment without the secrets in it. */
export function childEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !withheld.has(name) && !SECRET_NAMES.test(name)));
}
