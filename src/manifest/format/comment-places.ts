import { type CST, type Document, isCollection, isMap, isScalar, isSeq, type Pair, visit } from 'yaml';

/** Stands in no text that is formatted: what has controls is left alone. */
const ON_LINE = '\u0000';

/** Where the parser keeps comments in other places than people wrote them for. */
export function returnComments(document: Document): void {
  visit(document, {
    Map(_, { items }) {
      for (const [index, pair] of items.entries()) {
        keepOnLine(pair as Pair);
        returnToNext(pair as Pair, items[index + 1] as Pair | undefined);
      }
    },
  });
}

/** Of the text that was made of such documents: `key: # comment` is on one line again. */
export const linesOfKeys = (text: string): string => text.replaceAll(new RegExp(`\\n *#${ON_LINE}`, 'g'), ' #');

/** The parser has what stands between the colon and the first field for a comment of the whole mapping. */
function keepOnLine({ value, srcToken }: Pair): void {
  if (!isCollection(value) || value.flow === true || value.commentBefore == null) return;
  const lines = value.commentBefore.split('\n');
  const onLine = isBehindColon(srcToken) ? [`${ON_LINE}${lines.shift()}`] : [];
  const first = isMap(value) ? value.items[0]?.key : undefined;
  if (!isScalar(first)) value.commentBefore = [...onLine, ...lines].join('\n');
  else {
    value.commentBefore = onLine[0] ?? null;
    const above = [...lines, ...(first.commentBefore == null ? [] : [first.commentBefore])];
    if (above.length > 0) first.commentBefore = above.join('\n');
  }
}

function isBehindColon(srcToken: Pair['srcToken']): boolean {
  const sep: readonly CST.SourceToken[] = srcToken !== undefined && 'sep' in srcToken ? (srcToken.sep ?? []) : [];
  return sep.find(({ type }) => type === 'comment' || type === 'newline')?.type === 'comment';
}

/** What stands between a list that is not indented and the next field is about the field; the parser takes it for the end of the list. */
function returnToNext({ key, value }: Pair, next: Pair | undefined): void {
  if (!isSeq(value) || value.flow === true || value.comment == null || !isScalar(key) || !isScalar(next?.key)) return;
  if (columnOf(value) !== columnOf(key)) return;
  const own = next.key.commentBefore;
  next.key.commentBefore = own == null ? value.comment : `${value.comment}\n${own}`;
  delete value.comment;
}

const columnOf = ({ srcToken }: { readonly srcToken?: object | undefined }): number | undefined =>
  srcToken !== undefined && 'indent' in srcToken ? Number(srcToken.indent) : undefined;
