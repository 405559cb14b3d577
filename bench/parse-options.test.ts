import { expect, test } from 'vitest';
import { parseOptions } from './parse-options';

test('has a default for everything, which depends on where it runs', () => {
  expect(parseOptions([])).toMatchObject({ node: false, backend: 'webgpu', family: 'flux1', rounds: 5 });
  expect(parseOptions(['--node'])).toMatchObject({ node: true, backend: 'cpu' });
});

test('reads lists', () => {
  const { sizes, scales } = parseOptions(['--size', '64,128', '--scale', '4']);
  expect([sizes, scales]).toEqual([[64, 128], [4]]);
});

test.each([
  [['--node', '--backend', 'wasm'], '--backend takes cpu, webgpu, not wasm'],
  [['--scale', '3'], '--scale takes 2 and 4, not 3'],
  [['--size', '0'], '--size takes whole numbers from 1, not 0'],
  [['--family', 'sd9'], '--family takes sd15'],
])('refuses %j', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});
