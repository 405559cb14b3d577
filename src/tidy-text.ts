/**
 * A stranger's text (a file's name, a tensor's, what a server says) as one line that can be shown: no control
 * characters, none that turn the direction of writing, and not too much of it. It is still a text: never markup.
 *
 * @param most characters, of which the last is an ellipsis where something was left out
 */
export function tidyText(text: string, most: number): string {
  // Cut first: nobody needs a megabyte made tidy.
  const head = text.length > 4 * most ? text.slice(0, 4 * most) : text;
  const characters = [...head.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('');
}
