/**
 * Makes a text from outside (the name of a file or a tensor, a server's message) fit to show: one line of limited
 * length, without control characters and without characters that turn the direction of writing. It stays plain text
 * and must never be used as markup.
 *
 * @param most the most characters to keep; the last one is an ellipsis where something was left out
 */
export function tidyText(text: string, most: number): string {
  // Cut first, so that a megabyte is never tidied in full.
  const head = text.length > 4 * most ? text.slice(0, 4 * most) : text;
  const characters = [...head.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('');
}
