import { test } from 'vitest';
import { deviceTrials } from './device-trials.js';
import { sshTrials } from './ssh-trials.js';

test.each([...sshTrials, ...deviceTrials].map((trial, index) => ({ ...trial, index })))(
  'a command for a machine in trouble shows it, and leads out: $index $advice',
  ({ run }) => run(),
);
