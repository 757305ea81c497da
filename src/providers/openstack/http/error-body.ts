const LENGTH_MAX = 500;

/**
 * What an error answer says, as one line. Cinder and Nova wrap it as {"badRequest":{"message"}}, Keystone as
 * {"error":{"message"}}, Neutron as {"NeutronError":{"type","message"}}, routers and middleware as {"message"}, with HTML's
 * line breaks; proxies send HTML.
 */
export function remoteMessage(text: string, contentType: string): string {
  const said = contentType.includes('html') || /^\s*<(!doctype|html)/i.test(text) ? fromHtml(text) : (fromJson(text) ?? text);
  const line = said
    .replaceAll(/<br ?\/?>/gi, ' ')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length <= LENGTH_MAX ? line : `${line.slice(0, LENGTH_MAX)}…`;
}

function fromHtml(text: string): string {
  const title = /<title[^>]*>([^<]*)</i.exec(text)?.[1]?.trim();
  return title === undefined || title === '' ? 'an HTML page' : `an HTML page titled '${title}'`;
}

function fromJson(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const inner = 'message' in value ? value : Object.values(value)[0];
  if (typeof inner === 'string') return inner;
  if (typeof inner !== 'object' || inner === null) return undefined;
  const { message, type } = inner as { message?: unknown; type?: unknown };
  if (typeof message !== 'string') return undefined;
  return typeof type === 'string' ? `${type}: ${message}` : message;
}
