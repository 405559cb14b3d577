import { expect, it } from 'vitest';
import type { Latent, Scale } from '../../client';
import { createItem, type Outcome, type Run, savedOutcome } from './item';
import type { Forecast } from './run/forecast';

const item = createItem('a.latent', new Blob([]), {}, 4);

function finish(scale: Scale): Outcome {
  const outcome = { report: { scale } } as Outcome;
  const done = { state: 'done', outcome, problem: undefined } as const;
  item.runs.set(scale, { left: done, right: done });
  return outcome;
}

it('saves the picture that is seen: of another factor only while this one is not on its way', () => {
  const two = finish(2);
  const at4 = (right: Run['right']): Outcome | undefined => {
    item.runs.set(4, { left: { state: 'idle' }, right });
    return savedOutcome(item, 'right');
  };
  expect(at4({ state: 'idle' })).toBe(two);
  expect(at4({ state: 'waiting', shown: undefined })).toBeUndefined();
  const four = finish(4);
  expect(savedOutcome(item, 'right')).toBe(four);
});

it('saves no picture that is only shown until the one with the new name is there', () => {
  const shown = finish(4);
  const at4 = (right: Run['right']): Outcome | undefined => {
    item.runs.set(4, { left: { state: 'idle' }, right });
    return savedOutcome(item, 'right');
  };
  expect(at4({ state: 'waiting', shown })).toBeUndefined();
  expect(at4({ state: 'running', shown, forecast: {} as Forecast, partial: undefined })).toBeUndefined();
  expect(at4({ state: 'done', outcome: shown, problem: undefined })).toBe(shown);
});

it('saves nothing of another factor that was made of another reading of the file', () => {
  finish(2);
  item.runs.set(4, { left: { state: 'idle' }, right: { state: 'idle' } });
  const readAnew = { ...item, latent: {} as Latent };
  expect(savedOutcome(readAnew, 'right')).toBeUndefined();
});
