import { expect } from 'vitest';
import type { OpenStackSim } from '../../lab/openstack-sim/index.js';

/** What the client is tried on: one server with two volumes, a free volume, one that an attachment holds, and a free port. */
export interface ClientWorld {
  readonly control: OpenStackSim['control'];
  /** What stands for `<…>` in the command of the advice, in order. */
  readonly ids: Readonly<Record<'server' | 'stopped' | 'plugged' | 'free' | 'held' | 'attachment' | 'port', string>>;
}

type Id = keyof ClientWorld['ids'];

/** An advice with commands of the OpenStack client; `fill` stands for what varies in them, a name of the world or a value. */
export interface ClientTrial {
  readonly advice: string;
  readonly fill: readonly (Id | { readonly value: string })[];
  /** What makes the cloud one that gets the advice, where that matters to the command. */
  readonly before?: (world: ClientWorld) => void;
  /** What the cloud is afterwards; of commands that only show something: what they print. */
  readonly leads: (world: ClientWorld, printed: string) => void;
}

const volume = ({ control }: ClientWorld, id: string) => control.volumes().find((found) => found.id === id);
const server = ({ control }: ClientWorld, id: string) => control.servers().find((found) => found.id === id);
const lists = (name: Id) => (world: ClientWorld, printed: string) => expect(printed).toContain(world.ids[name]);

/** In this order: what a command takes away is not there for the next. */
export const clientTrials: readonly ClientTrial[] = [
  {
    advice:
      'ask the cloud why: openstack --os-volume-api-version 3.3 volume message list; then delete volume <…> or have its state reset',
    fill: [],
    leads: () => {},
  },
  { advice: 'detach what is not needed: openstack server volume list <…>', fill: ['server'], leads: lists('plugged') },
  {
    advice: 'Detach what is not needed: openstack server volume list <…>; or wait for other runs; or raise maxVolumes of access.',
    fill: ['server'],
    leads: lists('plugged'),
  },
  {
    advice:
      'The guest may have no slot left to plug disks into: openstack server event list <…>, openstack server volume list <…>.',
    fill: ['server', 'server'],
    leads: lists('plugged'),
  },
  { advice: 'openstack server show <…>', fill: ['server'], leads: (_, printed) => expect(printed).toContain('ACTIVE') },
  {
    advice: 'openstack volume set --size <…> <…>',
    fill: [{ value: '3' }, 'free'],
    leads: (world) => expect(volume(world, world.ids.free)?.sizeGiB).toBe(3),
  },
  {
    advice: 'openstack volume set --image-property hw_machine_type=<…> <…>',
    fill: [{ value: 'q35' }, 'free'],
    leads: (world) => expect(volume(world, world.ids.free)?.imageMetadata).toEqual({ hw_machine_type: 'q35' }),
  },
  {
    advice: 'openstack volume set --image-property <…>=<…> <…>',
    fill: [{ value: 'os_type' }, { value: 'linux' }, 'free'],
    leads: (world) => expect(volume(world, world.ids.free)?.imageMetadata).toMatchObject({ os_type: 'linux' }),
  },
  {
    advice: 'openstack volume unset --image-property hw_machine_type <…>',
    fill: ['free'],
    leads: (world) => expect(volume(world, world.ids.free)?.imageMetadata).not.toHaveProperty('hw_machine_type'),
  },
  {
    advice: 'openstack volume unset --image-property <…> <…>',
    fill: [{ value: 'os_type' }, 'free'],
    leads: (world) => expect(volume(world, world.ids.free)?.imageMetadata).not.toHaveProperty('os_type'),
  },
  {
    advice: '<…> is the conversion host; if nobody works with the volume there: openstack server remove volume <…> <…>',
    fill: ['server', 'plugged'],
    leads: (world) => expect(volume(world, world.ids.plugged)?.status).toBe('available'),
  },
  {
    advice: 'openstack server stop <…> && openstack server add volume <…> <…> && openstack server start <…>',
    fill: ['server', 'server', 'plugged', 'server'],
    leads: (world) => {
      expect(server(world, world.ids.server)?.status).toBe('ACTIVE');
      expect(volume(world, world.ids.plugged)?.status).toBe('in-use');
    },
  },
  {
    advice: 'Try by hand: openstack server remove volume <…> <…>',
    fill: ['server', 'plugged'],
    leads: (world) => expect(volume(world, world.ids.plugged)?.status).toBe('available'),
  },
  {
    advice: 'Bring it to ACTIVE, such as with: openstack server start <…>',
    fill: ['stopped'],
    leads: (world) => expect(server(world, world.ids.stopped)?.status).toBe('ACTIVE'),
  },
  {
    advice: 'if its host is gone for good: openstack --os-volume-api-version 3.27 volume attachment delete <…>',
    fill: ['attachment'],
    leads: (world) => expect(volume(world, world.ids.held)?.status).toBe('available'),
  },
  {
    advice: 'Delete it when the reason is understood: openstack volume delete <…>',
    fill: ['held'],
    leads: (world) => expect(volume(world, world.ids.held)).toBeUndefined(),
  },
  {
    advice: 'Have it deleted by whoever runs the cloud: openstack volume delete --force <…>; then run again.',
    fill: ['free'],
    before: ({ control, ids }) => control.changeVolume(ids.free, { status: 'error_deleting' }),
    leads: (world) => expect(volume(world, world.ids.free)).toBeUndefined(),
  },
  {
    advice: 'openstack port delete <…>, if nothing needs it',
    fill: ['port'],
    leads: ({ control, ids }) => expect(control.ports().map(({ id }) => id)).not.toContain(ids.port),
  },
];

/** The commands of an advice, filled in. */
export function commandsOf({ advice, fill }: ClientTrial, { ids }: ClientWorld): string[][] {
  const rest = fill.map((part) => (typeof part === 'string' ? ids[part] : part.value));
  const found = [
    ...advice.matchAll(/openstack (?:(?:--[\w-]+|\d[\d.]*\d|[\w-]+|[\w-]+=?<…>|<…>=<…>|<…>)(?= |$|[;,.)]) ?)+/g),
  ].map(([text]) => text.trim());
  const commands = found.map((text) =>
    text
      .replace(/<…>/g, () => rest.shift() ?? 'nothing')
      .split(' ')
      .slice(1),
  );
  if (rest.length > 0 || commands.flat().includes('nothing'))
    throw new Error(`what varies in "${advice}" is not what is filled in`);
  return commands;
}
