import { describe, expect, it } from 'vitest';
import type { ModelStatus } from '../../client';
import type { Choice } from '../state/choice';
import type { Models } from '../state/choosing/factors';
import { nameChoice, nameSides } from './name-sides';

const MODELS = [
  { id: 'nn', kind: 'lua', label: 'NNLatentUpscale, SDXL', scaleRange: [1, 2] },
  { id: 'span', kind: 'enlarger', label: 'span.onnx', custom: true, scales: [2] },
] as unknown as ModelStatus[];
const models: Models = { find: (id) => MODELS.find((one) => one.id === id), fitting: () => [] };

const lua: Choice = { method: 'lua', lua: undefined, decoder: undefined };
const nn: Choice = { ...lua, lua: 'nn' };
const inPixels = (enlarger: string): Choice => ({ ...lua, method: 'pixels', enlarger });

describe('nameChoice', () => {
  it.each<[Choice, number, string]>([
    [lua, 2, 'LUA, Leap decoder'],
    [{ ...lua, method: 'bicubic' }, 4, 'Bicubic, Leap decoder'],
    [nn, 2, 'NNLatentUpscale, Leap decoder'],
    [nn, 4, 'NNLatentUpscale, two passes of 2×, Leap decoder'],
    [inPixels('lanczos'), 2, 'Leap decoder, then Lanczos'],
    [inPixels('span'), 2, 'Leap decoder, then span.onnx'],
    // Nobody has read the list of models yet.
    [{ ...lua, lua: 'other' }, 2, 'other, Leap decoder'],
  ])('%o at %d', (choice, scale, name) => {
    expect(nameChoice(choice, scale, models)).toBe(name);
  });
});

it('two sides that enlarge alike are told apart by their decoders', () => {
  const choices = { left: nn, right: { ...nn, decoder: 'taesdxl' } };
  expect(nameSides({ choices, scale: 2 }, models)).toEqual({ left: 'Leap decoder', right: 'taesdxl' });
  expect(nameSides({ choices: { left: nn, right: lua }, scale: 4 }, models)).toEqual({
    left: 'NNLatentUpscale, two passes of 2×',
    right: 'LUA',
  });
});
