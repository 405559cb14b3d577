import { expect, it } from 'vitest';
import { createItem, type Outcome } from '../state/item';
import { makeUnique, nameResult, sayOtherFactor } from './name-result';

function outcomeOf(choice: Partial<Outcome['choice']> = {}): Outcome {
  const report = { method: 'lua', scale: 2, models: { lua: 'lua-s-sdxl', decoder: 'taesdxl' } };
  return { report, choice: { method: 'lua', ...choice } } as unknown as Outcome;
}

it('says what was done, and names models only where they were chosen', () => {
  const item = createItem('a/photo.one.latent', new Blob(), {}, 2);
  expect(nameResult(item, outcomeOf())).toBe('photo.one-lua-x2');
  expect(nameResult(item, outcomeOf({ decoder: 'taesdxl' }))).toBe('photo.one-lua-taesdxl-x2');
});

it('tells what enlarged the decoded picture', () => {
  const item = createItem('photo.latent', new Blob(), {}, 2);
  const report = { method: 'pixels', scale: 2, models: { decoder: 'decoder-s-sdxl', enlarger: 'span' } };
  const outcome = { report, choice: { method: 'pixels', enlarger: 'span' } } as unknown as Outcome;
  expect(nameResult(item, outcome)).toBe('photo-pixels-span-x2');
});

it('numbers the latents of a batch', () => {
  const item = createItem('batch.latent', new Blob(), {}, 2);
  item.latent = { provenance: { item: 1, items: 3 } } as unknown as NonNullable<typeof item.latent>;
  expect(nameResult(item, outcomeOf())).toBe('batch-2-lua-x2');
});

it('never gives one name twice, whatever case a file system ignores', () => {
  const taken = new Set<string>();
  expect(['A', 'a', 'A'].map((stem) => makeUnique(stem, 'png', taken))).toEqual([
    'A.png',
    'a (2).png',
    'A (3).png',
  ]);
});

it('says the factor of what is saved only where another one is chosen', () => {
  expect(sayOtherFactor({ scale: 4 }, { report: { scale: 2 } })).toBe(' of 2×');
  expect(sayOtherFactor({ scale: 2 }, { report: { scale: 2 } })).toBe('');
  expect(sayOtherFactor({ scale: 2 }, undefined)).toBe('');
});
