/** Commands of migplan that are advised and carried out by the real program: test/e2e/advice.e2e.test.ts. */
export const cliAdvice = [
  'To start a new project, run: migplan init',
  'start the project in a folder that can be written: migplan init --chdir DIR',
  'or start the project in another folder: migplan init --chdir DIR',
  'choose another place: migplan plan --out FILE',
  'save a plan and apply it: migplan plan --out plan.json && migplan apply plan.json',
  'or pass --auto-approve',
  'run migplan plan again: it shows what changed',
  'set the clocks of both machines, then make a new plan: migplan plan --out plan.json',
  'what else is missing, and where: migplan doctor --vcenter',
  'or make a new role: migplan doctor --vcenter --role',
  'try one seed: migplan plan, then migplan apply; what follows is needed only if a disk cannot be opened',
  'run migplan doctor --vm <…> again: it removes what is left, and so does the next apply',
  'see that a server with this flavor, volume type and zone starts: --flavor, --volume-type, --availability-zone',
] as const;

/** The same of the state: test/e2e/shared-state.e2e.test.ts, test/state/backend/pg-*.test.ts. */
export const stateAdvice = [
  'make sure that it is right, and pass --force',
  'name the state that the file was pulled from, or an empty one, in spec.state',
  'replace them: migplan state push FILE --force',
  'in that folder of <…>: migplan runs show <…>',
  'see when it ran and how it ended: migplan runs list',
  'or leave the password out, and name it apart: spec.state.password',
  'write postgresql://user@host:5432/database?sslmode=verify-full, with %40 for @, %2F for / and %25 for % in user and password',
  'make <…> readable, or name another file in spec.state.caFile',
  'name the server that takes writes in spec.state.url, or have it made writable',
] as const;

/** The same with a conversion host: test/e2e/ssh-host.e2e.test.ts. */
export const hostAdvice = 'then run the same plan again; migplan doctor tells the same without a plan';

/** The same of a report: test/report/report-file.process.test.ts. */
export const reportAdvice = 'write to another file: migplan report PLAN --out FILE';
