/**
 * Starts a program as on another machine: its host has this name, so nobody here can tell whether it is one of the processes of this
 * machine. All else is the same: the servers of the lab know readers by their pid.
 */
export const otherMachine = (name: string): readonly string[] => [
  ...['unshare', '--uts', 'sh', '-c', 'hostname "$0" && exec "$@"'],
  name,
];
