import type { Style } from '../style.js';
import { padded, textWidth } from '../text-width.js';
import { type Attribute, symbolStyle } from './change-symbol.js';

export interface Block {
  readonly address: string;
  readonly word: 'created' | 'updated in-place';
  readonly comment?: string;
  readonly symbol: '+' | '~';
  readonly title: string;
  readonly attributes: readonly Attribute[];
}

/** The shape Terraform's readers know: a heading in a comment, then a block with aligned equals signs. */
export function blockText({ address, word, comment, symbol, title, attributes }: Block, paint: Style): string {
  const width = Math.max(...attributes.map(({ name }) => textWidth(name)));
  const rows = attributes.map(
    ({ symbol: own, name, value }) => `      ${symbolStyle(own, paint)(own)} ${padded(name, width)} = ${value}`,
  );
  return [
    paint.strong(`  # ${address} will be ${word}`),
    ...(comment === undefined ? [] : [paint.quiet(`  # (${comment})`)]),
    `  ${symbolStyle(symbol, paint)(symbol)} ${title} {`,
    ...rows,
    '    }',
    '',
  ].join('\n');
}
