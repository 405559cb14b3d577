import { describe, expect, it } from 'vitest';
import type { ModelStatus } from '../../client';
import { nameModel } from '../../element/latent/name-model';
import { describeOrigin, describeSize, describeStored, needsFetch } from './model-words';

const taef1: ModelStatus = {
  id: 'taef1',
  label: 'TAEF1, FLUX.1 (also others)',
  kind: 'decoder',
  architecture: 'taesd-decoder',
  family: 'flux1',
  space: 'model',
  embedded: false,
  custom: false,
  pinned: false,
  licence: 'MIT',
  source: 'someone/taef1 on a hub',
  page: 'https://huggingface.co/someone/taef1',
  bytes: 9_800_000,
  cachedBytes: 0,
  complete: false,
};
const lua: ModelStatus = { ...taef1, id: 'lua', kind: 'lua', architecture: 'lua', bytes: 0 };
const embedded: ModelStatus = { ...taef1, embedded: true, architecture: 'leap-decoder', bytes: 2_700_000 };

describe('how a model is described', () => {
  it('says how much there is to fetch, and "up to" where parts are left out', () => {
    expect(describeStored(taef1)).toBe('up to 9.8 MB');
    expect(describeStored(lua)).toBe('size not known');
    expect(describeStored(embedded)).toBe('2.7 MB');
    expect(describeStored({ ...taef1, bytes: 2_400_000, cachedBytes: 2_400_000, complete: true })).toBe(
      '2.4 MB, stored',
    );
    expect(describeStored({ ...embedded, cachedBytes: 2_600_000 })).toBe('100 kB more');
    expect(describeSize([{ ...lua, bytes: 220_000_000 }, taef1])).toBe('up to 230 MB');
  });

  it('knows which models must be fetched from elsewhere', () => {
    expect([taef1, embedded, { ...taef1, complete: true }].map(needsFetch)).toEqual([true, false, false]);
  });

  it('names the origin', () => {
    expect(describeOrigin(taef1)).toBe('huggingface.co');
    expect(describeOrigin(embedded)).toBe('comes with this page');
    const { page: _, ...added } = { ...taef1, custom: true, source: 'a file from this machine: x' };
    expect(describeOrigin(added)).toBe('added from a file');
  });

  it('does not shorten a name that a person gave', () => {
    expect(nameModel(taef1)).toBe('TAEF1');
    expect(nameModel({ ...taef1, custom: true, label: 'mine, the second' })).toBe('mine, the second');
  });
});
