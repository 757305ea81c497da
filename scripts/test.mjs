// Everything: the quick checks, then real programs, the real command line, and code that is broken on purpose.
import { everything } from './step-list.mjs';
import { runSteps } from './steps.mjs';
import { tellCountsAtExit } from './test-counts.mjs';

tellCountsAtExit();
await runSteps(everything);
