import { afterEach, expect, it, vi } from 'vitest';
import { makeLatent } from '../../testing/engine/test-models';
import { openInLatentLeap } from './open-in-latent-leap';

afterEach(() => vi.unstubAllGlobals());

const { data, dims } = makeLatent('sdxl', 2, 2);
const page = 'https://leap.example/';

it.each([
  ['no options', undefined],
  ['no page', {}],
  ['a scale of 9', { page, scale: 9 }],
  ['a misspelt name', { page, nmae: 'a' }],
  ['a signal that is none', { page, signal: {} }],
  ['an address that is none', { page: 'http://[' }],
])('%s is a bad option, and no window opens', async (_, options) => {
  const open = vi.fn();
  vi.stubGlobal('window', { open });
  vi.stubGlobal('location', { href: 'https://host.example/' });
  vi.stubGlobal('document', { baseURI: 'https://host.example/' });
  const opened = openInLatentLeap({ data, dims }, {}, options as never);
  await expect(opened).rejects.toMatchObject({ name: 'LeapError', code: 'bad-option' });
  expect(open).not.toHaveBeenCalled();
});
