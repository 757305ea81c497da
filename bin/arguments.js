/** Terraform's options that are ours too, as they are typed there: with one dash, booleans with a value. */
const VALUES = ['out', 'target', 'exclude', 'chdir', 'parallelism', 'var', 'env', 'lock-timeout'];
const SWITCHES = ['auto-approve', 'detailed-exitcode', 'json', 'no-color', 'help', 'version'];
/** Of Terraform alone, and refused by the parser as it refuses every option that it does not know: with one dash it would be a label (`-l`). */
const NOT_OURS = ['lock'];
/** What stands before the command there, and may stand there here. */
const BEFORE = /^--(chdir|json|color|no-color)(=|$)/;

function withTwoDashes(argument) {
  const [, name, value] = /^-([a-z][a-z-]+)(?:=(.*))?$/s.exec(argument) ?? [];
  if (VALUES.includes(name) || NOT_OURS.includes(name)) return [value === undefined ? `--${name}` : `--${name}=${value}`];
  if (name === 'input') return [value === 'false' ? '--no-input' : '--input'];
  if (!SWITCHES.includes(name)) return [argument];
  return value === 'false' ? [] : [`--${name}`];
}

/**
 * Arguments as they are parsed: `-chdir=DIR plan -out=F -input=false` is `plan --out=F --no-input --chdir=DIR`. What comes after `--` is
 * left alone.
 */
export function typed(given) {
  const end = given.includes('--') ? given.indexOf('--') : given.length;
  const options = given.slice(0, end).flatMap(withTwoDashes);
  const before = [];
  while (BEFORE.test(options[0] ?? '')) before.push(...options.splice(0, options[0] === '--chdir' ? 2 : 1));
  return [...options, ...before, ...given.slice(end)];
}
