/** Long texts cut short, saying how much is gone. */

/** The first `length` characters, no pair of surrogates divided, and `… (12 characters cut)`; the text itself where it is no longer. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? length - 1 : length;
  return `${text.slice(0, Math.max(0, end))}… (${text.length - Math.max(0, end)} characters cut)`;
}
