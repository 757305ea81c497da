/** Of what a dead run left behind. */
export const leftover = {
  derived: 'what a dead run left is known only after it; it is removed, and nothing that was reviewed is undone',
};
