// Everything: the quick checks, then real programs, the real command line, and code that is broken on purpose.

import { checks, slow } from './step-list.mjs';
import { runSteps } from './steps.mjs';

runSteps([...checks, ...slow]);
