// What must hold on every change, in under a minute: types, lint, layers, unused code, unit and golden tests.
import { checks } from './step-list.mjs';
import { runSteps } from './steps.mjs';

await runSteps(checks);
