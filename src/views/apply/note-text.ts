import type { Awaited, Note, NoteKind, NoteMap } from '../../apply/note.js';

const COPIES = { full: 'full copy', repair: 'comparison' } as const;

const texts: { readonly [K in NoteKind]: (note: NoteMap[K]) => string } = {
  'starts-over': ({ copy, why }) => `the ${COPIES[copy]} starts over: ${why}`,
  'hard-power-off': ({ why }) => `${why}; powering off hard (shutdown.force)`,
  'taken-over': ({ who }) => `taken over from ${who}, whose end nobody saw`,
  'cut-off': ({ disk }) =>
    `the former writer of disk ${disk} was cut off by the storage: nothing that it writes arrives any more`,
  'compares-all': ({ disk }) =>
    `disk ${disk} is compared as a whole before it counts as clean: its former writer may have written late`,
  'stays-off': () => 'the source VM is powered off and stays off: migplan never powers it on',
  'window-closes': ({ name, at }) => `${name === undefined ? 'the window' : `window "${name}"`} closes at ${at}`,
  'still-waiting': ({ for: what, minutes }) => `still waiting for ${awaitedText(what)}, ${minutes} min by now`,
  'removes-snapshot': ({ name }) => `removing snapshot ${name}, which an earlier run has left`,
  'server-made': ({ name, status, id }) => `server ${name} is ${status} [id=${id}]`,
  encrypted: ({ disk, what }) => `${disk} holds what is encrypted (${what.join(', ')}): virt-v2v does not look into it`,
  'conversion-warning': ({ said }) => said,
  'waits-for-run': ({ who, seconds }) => `waiting for ${who}, for at most ${seconds}s`,
  'run-unheard': ({ who, heardSeconds, seconds }) =>
    `${who} was not heard of for ${heardSeconds}s: its lock is taken over in ${seconds}s, unless it reports`,
  'logs-lost': ({ why }) => `what programs say cannot be kept, and the work goes on: ${why}`,
};

function awaitedText(what: Awaited): string {
  switch (what.kind) {
    case 'snapshot-removal':
      return 'the snapshot to be removed';
    case 'readable':
      return `disk ${what.disk} to be readable`;
  }
}

/** What a note says to people, in one line as far as what others said has one. */
export const noteText = (note: Note): string => texts[note.kind](note as never);
