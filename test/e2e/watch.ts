import { afterEach } from 'vitest';
import { judgeAll } from '../../lab/harness/oracle.js';

// Before every test file: whatever a test was about, no volume may say clean that is not.
afterEach(() => judgeAll());
