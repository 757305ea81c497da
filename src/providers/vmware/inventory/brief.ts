import { isA } from '../properties.js';

const LENGTH_MAX = 200;

/** A decoded value on one line; undefined when there is nothing in it. */
export function brief(value: unknown): string | undefined {
  const text = allocation(value) ?? plain(value);
  if (text === undefined || text.trim() === '') return undefined;
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text;
}

function plain(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return join(value.map(plain));
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).filter(([name]) => name !== '$type');
  return join(fields.map(([name, of]) => named(name, plain(of))));
}

const named = (name: string, text: string | undefined): string | undefined => (text ? `${name} ${text}` : undefined);

function join(texts: readonly (string | undefined)[]): string | undefined {
  return texts.filter((text) => text !== undefined && text !== '').join(', ') || undefined;
}

/** A reservation, a limit, and shares other than the usual: '' when the VM has none of them. */
function allocation(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('$type' in value)) return undefined;
  const data = value as { readonly $type: string };
  if (!isA(data, 'ResourceAllocationInfo')) return undefined;
  const { reservation, limit, shares } = data;
  return [
    reservation !== undefined && Number(reservation) > 0 ? `reservation ${reservation}` : '',
    limit !== undefined && Number(limit) >= 0 ? `limit ${limit}` : '',
    shares !== undefined && shares.level !== 'normal' ? `shares ${shares.level} (${shares.shares})` : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}
