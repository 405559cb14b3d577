import { describe, expect, it } from 'vitest';
import type { Latent, ModelStatus } from '../../../client';
import { type Choice, firstChoices } from '../choice';
import { commonFactors, factorsOf, type Models, passesFor, settleChoice } from './factors';

function model(id: string, facts: Partial<ModelStatus>): ModelStatus {
  return { id, kind: 'lua', family: 'sdxl', embedded: false, ...facts } as ModelStatus;
}

const MODELS = [
  model('lua-s', { embedded: true, scales: [2, 4] }),
  model('nn', { scaleRange: [1, 2] }),
  model('lsr', { scaleRange: [1, 4] }),
  model('sd-1.5', { scales: [1.5] }),
  model('span', { kind: 'enlarger', scales: [2] }),
];
const models: Models = {
  find: (id) => MODELS.find((one) => one.id === id),
  fitting: (_family, kind) => MODELS.filter((one) => one.kind === kind),
};

function latentOf(height: number, width: number): Latent {
  return { family: 'sdxl', dims: [4, height, width] } as Latent;
}

const by = (lua: string | undefined): Choice => ({ method: 'lua', lua, decoder: undefined });
const inPixels = (enlarger: string): Choice => ({ ...by(undefined), method: 'pixels', enlarger });
const { left: resized, right: embedded } = firstChoices();
const bicubic: Choice = { ...by(undefined), method: 'bicubic' };

describe('the factors of a choice', () => {
  it.each<[string, Choice, number[]]>([
    ['bicubic', bicubic, [1.25, 1.5, 2, 3, 4]],
    ['LUA', embedded, [2, 4]],
    ['a network for up to 2, twice for 4', by('nn'), [1.25, 1.5, 2, 4]],
    ['a network for any', by('lsr'), [1.25, 1.5, 2, 3, 4]],
    ['a network for 1.5', by('sd-1.5'), [1.5]],
    ['Lanczos', inPixels('lanczos'), [1.25, 1.5, 2, 3, 4]],
    // Pixel upscalers are not run twice.
    ['an upscaler of pictures for 2', inPixels('span'), [2]],
    ['a model that is not in the list yet', by('unknown'), [1.25, 1.5, 2, 3, 4]],
  ])('%s', (_name, choice, factors) => {
    expect(factorsOf(choice, latentOf(64, 64), models)).toEqual(factors);
  });

  it('keep the sides of the latent whole, or those of the picture where that is enlarged', () => {
    expect(factorsOf(bicubic, latentOf(64, 63), models)).toEqual([2, 3, 4]);
    expect(factorsOf(bicubic, latentOf(64, 62), models)).toEqual([1.5, 2, 3, 4]);
    expect(factorsOf(inPixels('lanczos'), latentOf(64, 63), models)).toEqual([1.25, 1.5, 2, 3, 4]);
  });

  it('have one that is asked for too, where it can be made', () => {
    expect(factorsOf(by('lsr'), latentOf(64, 64), models, 1.75)).toEqual([1.25, 1.5, 1.75, 2, 3, 4]);
    expect(factorsOf(embedded, latentOf(64, 64), models, 1.75)).toEqual([2, 4]);
    expect(factorsOf(bicubic, latentOf(64, 63), models, 1.75)).toEqual([2, 3, 4]);
  });

  it('of an embedded LUA are known before the list of models is', () => {
    const none: Models = { find: () => undefined, fitting: () => [] };
    expect(factorsOf(embedded, latentOf(64, 64), none)).toEqual([2, 4]);
  });

  it('are those of both sides', () => {
    expect(commonFactors({ left: by('nn'), right: embedded }, latentOf(8, 8), models)).toEqual([2, 4]);
    expect(commonFactors({ left: by('nn'), right: by('sd-1.5') }, latentOf(8, 8), models)).toEqual([1.5]);
  });
});

it('a network runs twice only where it has no such factor', () => {
  expect([2, 4, 3].map((scale) => passesFor(by('nn'), 'sdxl', scale, models))).toEqual([1, 2, undefined]);
  expect(passesFor(by('lsr'), 'sdxl', 4, models)).toBe(1);
});

describe('a new choice', () => {
  const item = { latent: latentOf(8, 8), scale: 2, choices: firstChoices() };

  it('keeps the factor where it can', () => {
    const settled = settleChoice(item, 'right', by('nn'), models);
    expect(settled).toEqual({ scale: 2, choices: { left: resized, right: by('nn') } });
  });

  it('goes to the nearest factor that both sides have', () => {
    expect(settleChoice(item, 'right', by('sd-1.5'), models).scale).toBe(1.5);
    expect(settleChoice({ ...item, scale: 1.5 }, 'right', embedded, models).scale).toBe(2);
  });

  it('leaves the resized picture on the other side where the two have no factor in common', () => {
    const { scale, choices } = settleChoice(item, 'left', by('sd-1.5'), models);
    expect(scale).toBe(1.5);
    expect(choices).toEqual({ left: by('sd-1.5'), right: resized });
  });
});
