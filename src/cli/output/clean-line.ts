/** What would move the cursor, colour the terminal or turn the direction of writing. Joined emoji may stay joined. */
const CONTROLS = /(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A line for the terminal: names of files and tensors are written by strangers. Line feeds stay. */
export function cleanLine(line: string): string {
  return line.replace(CONTROLS, (control) => (control === '\n' ? control : '\ufffd'));
}

/** JSON on one line, with every control character escaped. */
export function cleanJson(value: unknown): string {
  return JSON.stringify(value).replace(CONTROLS, (control) =>
    [...control].map((char) => escapeUnits(char)).join(''),
  );
}

function escapeUnits(char: string): string {
  return Array.from({ length: char.length }, (_, at) => {
    return `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }).join('');
}
