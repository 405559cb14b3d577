import { expect, it } from 'vitest';
import { quickestFirst, type Sample } from './samples';

it('without a GPU the small samples come first, in the order that they have, and the list is as it was', () => {
  const sample = (file: string, height: number, width: number) =>
    ({ file, latent: [16, height, width] }) as unknown as Sample;
  const samples = [
    sample('large', 96, 128),
    sample('first', 64, 64),
    sample('smaller', 50, 75),
    sample('second', 64, 64),
  ];
  expect(quickestFirst(samples).map(({ file }) => file)).toEqual(['first', 'smaller', 'second', 'large']);
  expect(samples[0]!.file).toBe('large');
});
