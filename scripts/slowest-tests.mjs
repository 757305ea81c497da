// A reporter of vitest: the ten slowest tests of a run, and what they waited for as far as the harness counts it.
const COUNT = 10;

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

function waitsOf({ waited = {} }) {
  const longest = Object.entries(waited)
    .filter(([, ms]) => ms >= 100)
    .sort(([, a], [, b]) => b - a);
  return longest
    .slice(0, 4)
    .map(([what, ms]) => `${what} ${seconds(ms)}`)
    .join(', ');
}

export default class SlowestTests {
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => ({
        ms: test.diagnostic()?.duration ?? 0,
        name: `${module.relativeModuleId} > ${test.fullName}`,
        waits: waitsOf(test.meta()),
      })),
    );
    if (tests.length < COUNT) return;
    console.log(`\nThe ${COUNT} slowest of ${tests.length} tests:`);
    for (const { ms, name, waits } of tests.sort((a, b) => b.ms - a.ms).slice(0, COUNT)) {
      console.log(`  ${seconds(ms).padStart(8)}  ${name}${waits === '' ? '' : `\n            waited for: ${waits}`}`);
    }
  }
}
