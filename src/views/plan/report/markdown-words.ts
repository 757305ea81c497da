/**
 * Foreign words for Markdown: they make no link, no mention, no element, no column and no line, on GitHub and GitLab alike. A code
 * span is taken as it stands but for three characters; with one of those, every character that could mean something is an entity.
 */
export function code(text: string, max = LENGTH_MAX): string {
  const short = shortened(text, max);
  if (short.trim() === '') return '`(nothing)`';
  return /[`|\\]/.test(short) ? `<code>${entities(short)}</code>` : `\`${short}\``;
}

const LENGTH_MAX = 400;

function shortened(text: string, max: number): string {
  const characters = [...text];
  return characters.length <= max ? text : `${characters.slice(0, max).join('')}…`;
}

/** An address of mail is found after entities are read: it is torn apart. */
const entities = (text: string): string =>
  text.replace(/[^A-Za-z0-9 -]/gu, (character) => {
    const entity = `&#${character.codePointAt(0)};`;
    return character === '@' ? `<!-- -->${entity}<!-- -->` : entity;
  });

/** A block that ends where we end it, whatever stands in it. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

/** What is read when somebody asks for it. The empty lines let Markdown go on inside. */
export const folded = (title: string, content: string): string =>
  `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
