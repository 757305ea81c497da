/** Lower case, digits only: vCenter prints the same uuid in several forms. Text that is no uuid is kept, in lower case. */
export function normalizeUuid(text: string): string {
  const digits = text.toLowerCase().replace(/[^0-9a-f]/g, '');
  return digits.length === 32 ? digits : text.toLowerCase();
}
