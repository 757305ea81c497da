import { type Document, isMap, parseAllDocuments } from 'yaml';
import { withoutControls } from '../../diag/printable.js';
import { type ManifestKind, manifestKinds } from '../schema/schema.js';
import { linesOfKeys, returnComments } from './comment-places.js';
import { orderKeys } from './key-order.js';
import { haveSameMeaning } from './same-meaning.js';
import { writtenScalars } from './written-scalars.js';

const layout = { lineWidth: 120, flowCollectionPadding: false } as const;
/** Comments may find their place in a second pass, and stay there. */
const PASSES_MAX = 5;
const BYTE_ORDER_MARK = '\ufeff';

/**
 * Text of YAML without errors, laid out in one way: keys in the order of the schema, two spaces a level, at most one blank line. What it
 * says is the same, and so are comments, anchors, quotes, line ends and byte order mark; formatting again changes nothing. undefined:
 * there is no layout of ours that keeps all of it.
 */
export function formatText(text: string): string | undefined {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const isCrlf = /\r\n/.test(text);
  const plain = text.slice(mark.length).replaceAll('\r\n', '\n');
  if (plain.trim() === '') return text;
  // YAML has no other controls, and a terminal would obey them. Of a lone carriage return its readers think differently.
  if (withoutControls(plain) !== plain || plain.includes('\r')) return undefined;
  const written = (laid: string): string => mark + (isCrlf ? laid.replaceAll('\n', '\r\n') : laid);
  // An alias must come after its anchor: where another order would part them, the order stays.
  for (const isOrdered of [true, false]) {
    const laid = settled(plain, isOrdered);
    if (laid !== undefined && haveSameMeaning(text, written(laid))) return written(laid);
  }
  return undefined;
}

/** The layout that is its own layout. */
function settled(text: string, isOrdered: boolean): string | undefined {
  let last = text;
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const next = laidOut(last, isOrdered);
    if (next === undefined || next === last) return next;
    last = next;
  }
  return undefined;
}

/** undefined: it cannot be written in this order. */
function laidOut(text: string, isOrdered: boolean): string | undefined {
  const parsed = parseAllDocuments(text, { keepSourceTokens: true, customTags: writtenScalars, logLevel: 'error' });
  if ('empty' in parsed) return text;
  if (parsed.some(({ errors }) => errors.length > 0)) return undefined;
  for (const document of parsed) {
    returnComments(document);
    const kind = kindOf(document);
    if (isOrdered && kind !== undefined) orderKeys(document, kind);
  }
  try {
    return linesOfKeys(parsed.map((document) => document.toString(layout)).join(''));
  } catch (error) {
    // The library's way of saying that an alias has no anchor before it.
    if (error instanceof ReferenceError || (error instanceof Error && error.message.startsWith('Unresolved alias')))
      return undefined;
    throw error;
  }
}

function kindOf(document: Document): ManifestKind | undefined {
  const kind = isMap(document.contents) ? document.contents.get('kind') : undefined;
  return manifestKinds.find((known) => known === kind);
}
