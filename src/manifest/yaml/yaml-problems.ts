import { type Document, type ErrorCode, isScalar, type Scalar, visit, type YAMLError } from 'yaml';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { placeFrom, problem } from '../base/problem.js';
import type { SourceText } from '../base/source-text.js';

interface Words {
  readonly detail: string;
  readonly nextSteps: readonly string[];
}

const words: Partial<Record<ErrorCode, Words>> = {
  TAB_AS_INDENT: {
    detail: 'the line is indented with a tab; YAML allows spaces only',
    nextSteps: ['Replace the tab by spaces, two for each level'],
  },
  BAD_INDENT: {
    detail: 'the indentation does not fit the lines above, or a [ or { above is not closed',
    nextSteps: ['Start all fields of one mapping in the same column, and close brackets'],
  },
  MISSING_CHAR: {
    detail: 'something is not closed or separated: a quote, a bracket, or the space after a colon or comma is missing',
    nextSteps: ['Close the quote or bracket that is open here'],
  },
  BLOCK_AS_IMPLICIT_KEY: {
    detail: 'there is a second colon with a value on the line',
    nextSteps: ['Put the text in quotes, or start the inner mapping on a line of its own'],
  },
  MULTILINE_IMPLICIT_KEY: {
    detail: 'a line stands where a field is expected; the colon after its name is missing',
    nextSteps: ['Write: name: value'],
  },
  BAD_SCALAR_START: {
    detail: 'a value may not start with @ or ` unless it is in quotes',
    nextSteps: ['Put the value in quotes'],
  },
  BAD_DQ_ESCAPE: {
    detail: 'a backslash in double quotes starts an escape that YAML does not know',
    nextSteps: ['Use single quotes, where a backslash is a backslash'],
  },
  BAD_ALIAS: {
    detail: 'a value that starts with * or & is read as an alias or anchor, and this is not one',
    nextSteps: ['Put the value in quotes'],
  },
  UNEXPECTED_TOKEN: {
    detail: 'something stands here that does not belong to what comes before it',
    nextSteps: ['Check indentation, quotes and colons of this line and the one above'],
  },
};

const otherwise: Words = {
  detail: 'the text cannot be read as YAML from here on',
  nextSteps: ['Check indentation, quotes and colons of this line and the one above'],
};

/** One parse error or warning in our words. The library's own may repeat parts of the file, and a file may hold a secret. */
export function explainYamlError(error: YAMLError, document: Document, source: SourceText): Diagnostic {
  const [start, end] = error.pos;
  if (error.code === 'DUPLICATE_KEY') return keyTwice(start, document, source);
  if (error.code === 'MISSING_CHAR' && error.message.includes('quote')) return openQuote(start, document, source);
  if (error.code === 'TAG_RESOLVE_FAILED') {
    const tag = /^![\w!/:.-]{0,40}/.exec(source.text.slice(start, end))?.[0] ?? 'a tag';
    return problem('MP1006', source.range(start, end), {
      detail: `${tag} is a YAML tag that is not known here; manifests are plain YAML`,
      nextSteps: ['Remove the tag; name secrets as env:NAME or file:/path'],
    });
  }
  return problem('MP1006', source.range(start, end), words[error.code] ?? otherwise);
}

function keyTwice(start: number, document: Document, source: SourceText): Diagnostic {
  const key = /^[\w.-]{1,60}/.exec(source.text.slice(start))?.[0] ?? 'a field';
  const at = source.range(start, start + key.length);
  const first = firstKeyLike(start, document);
  const firstAt = first?.range ? source.range(first.range[0], first.range[1]) : undefined;
  return problem('MP1006', at, {
    detail: `${key} is given twice in the same mapping${firstAt ? `; the first is on ${placeFrom(at, firstAt)}` : ''}`,
    ...(firstAt && { related: { source: firstAt, detail: 'the first one' } }),
    nextSteps: [`Remove one ${key}`],
  });
}

/** The first key of the mapping in which a key that starts at `start` repeats it. */
function firstKeyLike(start: number, document: Document): Scalar | undefined {
  let first: Scalar | undefined;
  visit(document, {
    Map(_, { items }) {
      const keys = items.map(({ key }) => key).filter(isScalar);
      const second = keys.find(({ range }) => range?.[0] === start);
      first ??= second && keys.find(({ value }) => value === second.value);
    },
  });
  return first;
}

/** The parser only sees that a quote is open where the file ends; the useful place is where it opens. */
function openQuote(end: number, document: Document, source: SourceText): Diagnostic {
  let start = end;
  visit(document, {
    Scalar(_, { type, range }) {
      if ((type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') && range && range[0] < end && range[1] >= end) start = range[0];
    },
  });
  return problem('MP1006', source.range(start, start + 1), {
    detail: 'the quote that opens here is not closed',
    nextSteps: ['Close the quote at the end of the value'],
  });
}
