import { expect, it } from 'vitest';
import type { Latent, ModelStatus } from '../../client';
import { firstChoices } from '../state/choice';
import type { Models } from '../state/choosing/factors';
import { explainFactor } from './explain-factor';

const LUA = { id: 'lua-s', kind: 'lua', embedded: true, scales: [2, 4] } as unknown as ModelStatus;
const models: Models = { find: () => undefined, fitting: () => [LUA] };
const item = { choices: firstChoices(), scale: 2 };

it('names the upscaler that lacks the factor, and what it makes', () => {
  const latent = { family: 'sdxl', dims: [4, 8, 8] } as Latent;
  expect(explainFactor(item, latent, 1.5, models)).toBe(
    'Enlarged 2× instead of 1.5×: LUA makes 2× and 4×. Others, chosen above the picture, make other factors.',
  );
});

it('says when it is the size that the factor does not fit', () => {
  const latent = { family: 'sdxl', dims: [4, 8, 7] } as Latent;
  expect(explainFactor(item, latent, 1.5, models)).toBe(
    'Enlarged 2× instead of 1.5×: a latent of 7 × 8 would not have whole sides.',
  );
});
