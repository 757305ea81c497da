// How large the parts are: lines of files and of functions (median, 90th percentile, largest) and tests to source. Fails when what
// CONTRIBUTING.md promises no longer holds.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './steps.mjs';

/** What holds for src: the medians that a reader was promised, the longest file, and how much of tests there is to it. */
const limits = { medianFile: 70, medianFunction: 8, longestFile: 300, testsToSource: 1 };

const listed = execFileSync('git', ['ls-files', '-z', 'src', 'test', 'lab', '*.ts'], { cwd: root, encoding: 'utf8' }).split('\0');
const isTest = (name) => name.startsWith('test/') || name.endsWith('.test.ts');
const groups = {
  src: (name) => name.startsWith('src/'),
  tests: isTest,
  lab: (name) => name.startsWith('lab/') && !isTest(name),
};

/** Source lines, without the empty one behind the last line break. */
const linesOf = (text) => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

const isFunction = (node) => ts.isFunctionLike(node) && node.body !== undefined;
/** Declared, a method, or given a name by a constant; the rest are callbacks. */
const isNamed = (node) => node.name !== undefined || ts.isConstructorDeclaration(node) || ts.isVariableDeclaration(node.parent);

function functionsOf(name, text) {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const functions = [];
  const visit = (node) => {
    if (isFunction(node)) {
      const line = (at) => file.getLineAndCharacterOfPosition(at).line;
      functions.push({ isNamed: isNamed(node), lines: line(node.end) - line(node.getStart(file)) + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return functions;
}

function measure(names) {
  const texts = names.map((name) => [name, readFileSync(join(root, name), 'utf8')]);
  const functions = texts.flatMap(([name, text]) => functionsOf(name, text));
  return {
    files: texts.map(([, text]) => linesOf(text)),
    functions: functions.map((each) => each.lines),
    named: functions.filter((each) => each.isNamed).map((each) => each.lines),
  };
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
function at(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
const spread = (numbers) => [0.5, 0.9, 0.99, 1].map((share) => at(numbers, share)).join('·');

const measured = Object.fromEntries(
  Object.entries(groups).map(([group, holds]) => [
    group,
    measure(listed.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && holds(name))),
  ]),
);
for (const [group, { files, functions, named }] of Object.entries(measured)) {
  console.log(
    `${group.padEnd(6)} ${files.length} files, ${sum(files)} lines; lines of a file ${spread(files)}, of a function ${spread(functions)}, named ${spread(named)}`,
  );
}
const { src, tests } = measured;
const testsToSource = sum(tests.files) / sum(src.files);
console.log(`tests to source ${testsToSource.toFixed(2)}   (median · 90 % · 99 % · largest)`);

const figures = {
  medianFile: at(src.files, 0.5),
  medianFunction: at(src.functions, 0.5),
  longestFile: at(src.files, 1),
};
const broken = [
  ...Object.entries(figures).filter(([name, value]) => value > limits[name]),
  ...(testsToSource < limits.testsToSource ? [['testsToSource', testsToSource]] : []),
];
for (const [name, value] of broken) console.error(`${name} is ${value}, its limit ${limits[name]}`);
process.exit(broken.length === 0 ? 0 : 1);
