/** Whose overlays were being merged: known only after the conversion that was reviewed began. */
export const ofRun = {
  why: 'a reviewed conversion has no run yet',
  within: ({ run }: { readonly run: string }, reviewed: { readonly kind: string; readonly run?: string }): boolean =>
    reviewed.kind === 'convert' || run === reviewed.run,
};
