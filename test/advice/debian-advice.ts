/** Advice to install a Debian package, and what it is wanted for. Those of src/host/program.ts are tried from their own table. */
export const debianAdvice: readonly {
  readonly advice: string;
  readonly brings: readonly { readonly name: string; readonly file: string }[];
}[] = [
  { advice: 'On Debian or Ubuntu: apt-get install <…>', brings: [] },
  { advice: 'There, on Debian or Ubuntu: apt-get install <…>', brings: [] },
  { advice: 'On Debian or Ubuntu: apt-get install openssh-client', brings: [{ name: 'openssh-client', file: 'ssh' }] },
  { advice: 'There, on Debian or Ubuntu: apt-get install python3', brings: [{ name: 'python3', file: 'python3' }] },
  {
    advice: 'On Debian or Ubuntu: apt-get install qemu-block-extra',
    brings: ['rbd', 'iscsi'].map((driver) => ({ name: 'qemu-block-extra', file: `block-${driver}.so` })),
  },
];
