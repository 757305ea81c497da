import type { DiskKey } from '../model/ids.js';

/** What is waited for that tells nothing of itself. */
export type Awaited = { readonly kind: 'snapshot-removal' } | { readonly kind: 'readable'; readonly disk: DiskKey };

interface Notes {
  /** A first copy that cannot be continued; `why` as the source says it. */
  'starts-over': { readonly copy: 'full' | 'repair'; readonly why: string };
  'hard-power-off': { readonly why: string };
  'stays-off': object;
  /** `name` of the window, if it has one; `at` is ISO 8601 in UTC. */
  'window-closes': { readonly name?: string; readonly at: string };
  'still-waiting': { readonly for: Awaited; readonly minutes: number };
  /** Of a snapshot that an earlier run has left. */
  'removes-snapshot': { readonly name: string };
  'server-made': { readonly name: string; readonly status: string; readonly id: string };
  /** virt-v2v does not look into what is encrypted; `disk` as scsi0:1. */
  encrypted: { readonly disk: string; readonly what: readonly string[] };
  /** As virt-v2v says it. */
  'conversion-warning': { readonly said: string };
  'logs-lost': { readonly why: string };
  /** `who` has a lock, and was heard of `heardSeconds` ago: it is taken over in `seconds`, unless it reports. */
  'run-unheard': { readonly who: string; readonly heardSeconds: number; readonly seconds: number };
  /** Nobody saw the end of `who`, which worked on the VM before. */
  'taken-over': { readonly who: string };
  /** For the same reason; nothing that it writes arrives any more. */
  'cut-off': { readonly disk: DiskKey };
  /** For the same reason, where that is not sure. */
  'compares-all': { readonly disk: DiskKey };
  /** `who` has the lock of a VM, or of the plan; `seconds`: at most. */
  'waits-for-run': { readonly who: string; readonly seconds: number };
}

export type NoteKind = keyof Notes;
export type NoteMap = { readonly [K in NoteKind]: Notes[K] & { readonly kind: K } };

/** What whoever looks on should know and that stops nothing. Its words are in views/apply/note-text.ts. */
export type Note = NoteMap[NoteKind];
