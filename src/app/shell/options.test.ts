import { expect, it } from 'vitest';
import { readPageOptions } from './options';

it('reads the options of the address, and has a default for each', () => {
  expect(readPageOptions('')).toEqual({ backend: 'auto', precision: 'auto', scale: 2, refused: [] });
  expect(readPageOptions('?backend=wasm&precision=fp32&scale=4&src=a.latent')).toEqual({
    backend: 'wasm',
    precision: 'fp32',
    scale: 4,
    refused: [],
  });
});

it('says which values there are when it is given another', () => {
  const { backend, scale, refused } = readPageOptions('?backend=cuda&scale=9');
  expect([backend, scale]).toEqual(['auto', 2]);
  expect(refused).toEqual([
    'The page’s address asks for backend=cuda. backend can be auto, webgpu or wasm; auto is used.',
    'The page’s address asks for scale=9. scale can be a number from 1 to 4, whole or with a denominator up to 20, such as 2 or 1.5; 2 is used.',
  ]);
});

it.each([
  ['1', 1],
  ['1.5', 1.5],
  ['3', 3],
  ['3.75', 3.75],
])('takes the factor %s', (text, scale) => {
  expect(readPageOptions(`?scale=${text}`)).toMatchObject({ scale, refused: [] });
});

it.each(['0.5', '4.5', '-2', '', ' 2', '0x2', '2e0', 'two', 'Infinity', '1.414', '3.333333'])(
  'refuses the factor "%s"',
  (text) => {
    const { scale, refused } = readPageOptions(`?scale=${text}`);
    expect(scale).toBe(2);
    expect(refused).toHaveLength(1);
  },
);
