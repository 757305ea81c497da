import { readFileSync } from 'node:fs';

/** Whether an advice names something that can be tried. What is left is for people to do or to ask. */
export const namesSomething = (text: string): boolean => namesCommand(text) || namesField(text);

const programs =
  'migplan (?:plan|apply|doctor|init|show|status|export|import|validate|runs|bundle)|openstack|apt-get|dnf|ls -l\\w*|chmod|rm|lsblk|dmsetup|vgchange|systemctl|' +
  'nbdkit|govc|rbd|python3|export|file|powercfg|manage-bde|chkdsk|fsck|libguestfs-test-tool|pgrep|uptime|ssh|date -u|timedatectl|time|true|udevadm|qemu-img';

/** A program at a place where a command stands; an option; a variable of the environment. */
const command = new RegExp(
  `(?:^|: |[;,(] ?|&& |run |and |\\$\\{…\\} |with )(?:${programs})(?=[ ,;)]|$)|--[a-z]|\\b[A-Z][A-Z0-9]+_[A-Z0-9]{2}|libguestfs-test-tool`,
);

export const namesCommand = (text: string): boolean => command.test(text);

const schemas = ['migration', 'project'].map(
  (name) => JSON.parse(readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), 'utf8')) as unknown,
);

function propertiesOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === 'properties' ? Object.keys(value as object) : []),
    ...propertiesOf(value),
  ]);
}

const fields = [...new Set(schemas.flatMap(propertiesOf)), 'cacert', 'region_name', 'hw_machine_type', 'hw_disk_bus'];
/** `on` stands before a colon in sentences, too. */
const joined = fields.filter((name) => name !== 'on').join('|');
/** Words of English are fields where they are written as such. */
const compound = fields.filter((field) => /[a-z][A-Z]|_/.test(field)).join('|');
const field = new RegExp(
  `\\b(?:spec|target|limits|access|clouds|defaults|auth)\\.[a-z$]|\\b(?:${joined}):|\\b(?:${compound})\\b|\\b(?:of|in) access\\b|clouds\\.yaml|migplan\\.yaml`,
);

export const namesField = (text: string): boolean => field.test(text);
