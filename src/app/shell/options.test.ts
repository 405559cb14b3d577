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
    'The page’s address asks for scale=9. scale can be 2 or 4; 2 is used.',
  ]);
});
