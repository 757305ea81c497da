import type { Story } from './story.js';

/** A story in plain steps. */
export function tell({ machine, past, wish, steps, seed, state }: Story): string {
  const disks = machine.disks.map(({ size, bus }) => `${size} blocks on ${bus}`).join(', ');
  return [
    `  seed ${seed}: a ${machine.family} ${machine.place === 'cloud' ? 'server of an old cloud' : 'VM'}, ${machine.power}, ${machine.firmware}, disks ${disks}; the system is on disk ${machine.systemDisk}` +
      `, boot order ${machine.bootOrder ?? 'not set'}, ${machine.nics} NICs, tools ${machine.tools ? 'run' : 'do not run'}, tracking ${machine.tracking ? 'on' : 'off'}, past: ${past}, ${state === 'shared' ? 'one state on a server' : 'a state at each station'}`,
    `  manifest: ${JSON.stringify(wish)}`,
    ...steps.map(({ do: what, ...how }, index) => `  ${index + 1}. ${what} ${plain(how)}`),
    '  then every station runs until nothing changes',
  ].join('\n');
}

const plain = (how: object): string =>
  Object.entries(how)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(', ');
