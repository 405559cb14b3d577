import { expect, test } from 'vitest';
import { tidyText } from './tidy-text';

test.each([
  ['model.safetensors', 'model.safetensors'],
  // A name that would be read backwards, and one with the end of a line and a bell in it.
  ['\u202ecod.exe', 'cod.exe'],
  ['a\r\n\u0007b\u2028c', 'a b c'],
  ['<b>bold</b>', '<b>bold</b>'],
  ['   ', ''],
])('%j becomes %j', (text, expected) => {
  expect(tidyText(text, 80)).toBe(expected);
});

test('cuts between characters, never inside one', () => {
  expect(tidyText('🌍'.repeat(100), 5)).toBe('🌍🌍🌍🌍…');
  expect(tidyText('x'.repeat(10_000_000), 5)).toBe('xxxx…');
  expect(tidyText('12345', 5)).toBe('12345');
});
