/** What people call variables with secrets in them, and everything of the OpenStack clients, which no program we start needs. */
const SECRET_NAMES = /^OS_|PASSW|PASSPHRASE|SECRET|TOKEN/i;

/** Of our own calls only: what moves bytes, converts or speaks ssh goes directly, and needs no password that stands in such a URL. */
const PROXY_NAMES = /^(https?|all)_proxy$/i;

const withheld = new Set<string>();

/** From now on no program that we start has this variable in its environment, where any process of the user can read it. */
export function withholdFromChildren(name: string): void {
  withheld.add(name);
}

/** Our environment without the secrets in it. */
export function childEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const isKept = (name: string): boolean => !withheld.has(name) && !SECRET_NAMES.test(name) && !PROXY_NAMES.test(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => isKept(name)));
}
