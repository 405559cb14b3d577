import { expect, it } from 'vitest';
import type { Latent, Progress } from '../../client';
import { createItem, currentRun, type Item, type Outcome } from '../state/item';
import { writeTitle } from './show-in-title';

function makeItem(change: Partial<Item> = {}): Item {
  return {
    ...createItem('a.latent', new Uint8Array(), {}, 2),
    reading: false,
    latent: {} as Latent,
    ...change,
  };
}

const running = (phase: Progress['phase'], share: number | undefined) => {
  const progress: Progress = { phase, done: 0, total: 1, message: '' };
  const forecast = { progress, share, left: undefined };
  return { state: 'running', shown: undefined, forecast, partial: undefined } as const;
};
const done = { state: 'done', outcome: {} as Outcome, problem: undefined } as const;

it('two sides that are enlarged before decoding are half of the way each, whichever runs first', () => {
  const item = makeItem();
  item.choices = { left: { ...item.choices.right, method: 'bicubic' }, right: item.choices.right };
  const run = currentRun(item);
  run.left = running('decode', 0.5);
  expect(writeTitle([item])).toBe('25 % · a.latent · Latent Leap');
  run.right = done;
  expect(writeTitle([item])).toBe('75 % · a.latent · Latent Leap');
});

it('a side that is decoded at its own size is a part of it only, a fifth at 2×', () => {
  const item = makeItem();
  const run = currentRun(item);
  run.left = running('decode', 0.5);
  expect(writeTitle([item])).toBe('10 % · a.latent · Latent Leap');
  run.left = done;
  run.right = running('upscale', 0.25);
  expect(writeTitle([item])).toBe('40 % · a.latent · Latent Leap');
});

it('a model that is fetched is not counted', () => {
  const item = makeItem();
  currentRun(item).left = running('download', 1);
  expect(writeTitle([item])).toBe('0 % · a.latent · Latent Leap');
});

it('a photograph says how much of it is encoded, and a finished queue says nothing', () => {
  const encoding: Progress = { phase: 'encode', done: 12, total: 48, message: '' };
  expect(writeTitle([makeItem({ reading: true, encoding })])).toBe('25 % read · a.latent · Latent Leap');
  expect(writeTitle([makeItem({ reading: true })])).toBe('Reading a.latent · Latent Leap');
  expect(writeTitle([makeItem()])).toBe('Latent Leap');
});
