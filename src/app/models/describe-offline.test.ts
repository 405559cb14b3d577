import { expect, it } from 'vitest';
import type { ModelStatus } from '../../client';
import { describeOffline } from './describe-offline';

const model = (family: string, complete: boolean, embedded = true) =>
  ({ family, complete, embedded }) as ModelStatus;

it('names the families that need no network, and says nothing where there is none', () => {
  const half = [model('sdxl', true), model('sdxl', false), model('sd15', true), model('sd15', true)];
  expect(describeOffline(half)).toMatch(/^The embedded models of SD 1\.5 are stored/);
  expect(describeOffline([...half, model('flux1', true)])).toMatch(/of SD 1\.5 and FLUX\.1 are stored/);
  expect(describeOffline([model('sdxl', false)])).toBe('');
  // What has to come from a hub is not asked for.
  expect(describeOffline([model('sdxl', true), model('sdxl', false, false)])).toMatch(/of all families/);
});
