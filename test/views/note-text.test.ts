import { expect, test } from 'vitest';
import type { NoteKind, NoteMap } from '../../src/apply/note.js';
import { diskKey } from '../../src/model/ids.js';
import { noteText } from '../../src/views/apply/note-text.js';

const samples: { readonly [K in NoteKind]: readonly (readonly [NoteMap[K], string])[] } = {
  'starts-over': [
    [{ kind: 'starts-over', copy: 'full', why: 'tracking was reset' }, 'the full copy starts over: tracking was reset'],
    [{ kind: 'starts-over', copy: 'repair', why: 'tracking was reset' }, 'the comparison starts over: tracking was reset'],
  ],
  'hard-power-off': [
    [
      { kind: 'hard-power-off', why: 'the guest did not shut down' },
      'the guest did not shut down; powering off hard (shutdown.force)',
    ],
  ],
  'run-unheard': [
    [
      { kind: 'run-unheard', who: 'ci (pid 7)', heardSeconds: 301, seconds: 60 },
      'ci (pid 7) was not heard of for 301s: its lock is taken over in 60s, unless it reports',
    ],
  ],
  'taken-over': [[{ kind: 'taken-over', who: 'ci (pid 7)' }, 'taken over from ci (pid 7), whose end nobody saw']],
  'cut-off': [
    [
      { kind: 'cut-off', disk: diskKey(2000) },
      'the former writer of disk 2000 was cut off by the storage: nothing that it writes arrives any more',
    ],
  ],
  'compares-all': [
    [
      { kind: 'compares-all', disk: diskKey(2000) },
      'disk 2000 is compared as a whole before it counts as clean: its former writer may have written late',
    ],
  ],
  'stays-off': [[{ kind: 'stays-off' }, 'the source VM is powered off and stays off: migplan never powers it on']],
  'window-closes': [
    [{ kind: 'window-closes', at: '2026-06-01T13:00:00.000Z' }, 'the window closes at 2026-06-01T13:00:00.000Z'],
    [
      { kind: 'window-closes', name: 'night', at: '2026-06-01T13:00:00.000Z' },
      'window "night" closes at 2026-06-01T13:00:00.000Z',
    ],
  ],
  'still-waiting': [
    [
      { kind: 'still-waiting', for: { kind: 'snapshot-removal' }, minutes: 3 },
      'still waiting for the snapshot to be removed, 3 min by now',
    ],
    [
      { kind: 'still-waiting', for: { kind: 'readable', disk: diskKey(2000) }, minutes: 1 },
      'still waiting for disk 2000 to be readable, 1 min by now',
    ],
  ],
  'removes-snapshot': [
    [{ kind: 'removes-snapshot', name: 'migplan-a' }, 'removing snapshot migplan-a, which an earlier run has left'],
  ],
  'server-made': [[{ kind: 'server-made', name: 'web', status: 'ACTIVE', id: 'srv-1' }, 'server web is ACTIVE [id=srv-1]']],
  encrypted: [
    [
      { kind: 'encrypted', disk: 'scsi0:1', what: ['LUKS', 'BitLocker'] },
      'scsi0:1 holds what is encrypted (LUKS, BitLocker): virt-v2v does not look into it',
    ],
  ],
  'conversion-warning': [[{ kind: 'conversion-warning', said: 'no QXL driver' }, 'no QXL driver']],
  'waits-for-run': [[{ kind: 'waits-for-run', who: 'ci (pid 7)', seconds: 3 }, 'waiting for ci (pid 7), for at most 3s']],
  'logs-lost': [
    [{ kind: 'logs-lost', why: 'the disk is full' }, 'what programs say cannot be kept, and the work goes on: the disk is full'],
  ],
};

const rows = Object.values(samples)
  .flat()
  .map(([note, text]) => ({ kind: note.kind, note, text }));

test.each(rows)('$kind: $text', ({ note, text }) => {
  expect(noteText(note)).toBe(text);
});
