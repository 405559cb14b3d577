import { expect, it } from 'vitest';
import { LeapError } from '../../errors';
import { readTensorFile, writeSafetensors } from '../../formats';
import { readLatents } from '../../latent';
import type { ReadHints } from '../../latent/types';
import { explainError } from './explain-error';

/** What the reader says of a file with one tensor of that value. */
function refusalOf(
  name: string,
  dtype: 'F32' | 'I64',
  shape: number[],
  cut = 0,
  value = 0,
  hints: ReadHints = {},
): LeapError {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = dtype === 'F32' ? new Float32Array(count).fill(value) : new BigInt64Array(count);
  const file = writeSafetensors([{ name, dtype, shape, bytes: new Uint8Array(values.buffer) }]);
  return refusalOfBytes(file.slice(0, file.length - cut), hints);
}

function refusalOfBytes(bytes: Uint8Array, hints: ReadHints = {}): LeapError {
  try {
    readLatents(readTensorFile(bytes), hints);
  } catch (thrown) {
    if (thrown instanceof LeapError) return thrown;
  }
  throw new Error('The file was not refused.');
}

it('gives no advice beside a message that says what to do', () => {
  const whole = refusalOf('latent', 'I64', [1, 4, 8, 8]);
  expect(whole.message).toContain('Save it before it is converted.');
  expect(explainError(whole)).toMatchObject({ title: 'No latent in it', advice: '' });
  const cut = refusalOf('latent', 'F32', [1, 4, 8, 8], 100);
  expect(cut.message).toContain('Fetch it again.');
  expect(explainError(cut)).toMatchObject({ title: 'The file is damaged', advice: '' });
  const foreign = refusalOf('latents', 'F32', [1, 16, 8, 8], 0, 0, { name: 'qwen_image.safetensors' });
  expect(foreign.message).toContain('If that is wrong, choose a family.');
  expect(explainError(foreign).advice).toBe('');
});

it.each([
  ['NaN', refusalOf('latent', 'F32', [1, 4, 8, 8], 0, Number.NaN), 'The values are broken', /NaN/],
  [
    'channels last',
    refusalOf('latent_tensor', 'F32', [1, 64, 64, 16]),
    'Not a latent',
    /move the axis of 16/,
  ],
  ['moments', refusalOf('latent_tensor', 'F32', [1, 8, 32, 32]), 'Not a latent', /save the first 4\.$/],
  [
    'moments of 16 channels',
    refusalOf('moments', 'F32', [32, 8, 8], 0, -12),
    'Not a latent',
    /save the first 16 of them\.$/,
  ],
])('does not ask to choose another family for %s', (_, error, title, says) => {
  expect(error.message).toMatch(says);
  expect(explainError(error)).toMatchObject({ title, advice: '' });
});

it.each([
  ['GGUF', 'GGUF\u0003', /^This is a GGUF file/],
  ['a web page', '<!DOCTYPE html><html>', /^This is a web page/],
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid', /^This is a Git LFS pointer/],
  ['an empty file', '', /^This is an empty file/],
  ['a bare pickle', '\u0080\u0004', /^This is a bare Python pickle/],
])('adds nothing to what the reader says of %s', (_, text, says) => {
  const error = refusalOfBytes(new Uint8Array(Buffer.from(text, 'latin1')));
  expect(error.message).toMatch(says);
  expect(explainError(error)).toMatchObject({ title: 'Not a latent file', advice: '' });
});

it('asks for another family where the one that was chosen does not fit', () => {
  const bytes = new Uint8Array(4 * 4 * 64);
  const file = writeSafetensors([{ name: 'latent', dtype: 'F32', shape: [1, 4, 8, 8], bytes }]);
  expect(explainError(refusalOfBytes(file, { family: 'flux1' }))).toMatchObject({
    title: 'Not a latent of this family',
    advice: 'Choose another family beside the picture.',
  });
});

it('says what a checkpoint without its VAE is, then what to do', () => {
  const error = new LeapError('unsupported', 'This checkpoint holds no network.', {
    looksLike: 'an SDXL checkpoint without its VAE',
    advice: 'Add the VAE as a file of its own.',
  });
  const { title, advice } = explainError(error);
  expect(title).toBe('This is an SDXL checkpoint without its VAE, not a latent');
  expect(advice).toMatch(/^Add the VAE as a file of its own\. This page enlarges/);
});

it.each(['no-model', 'too-large', 'quota'] as const)(
  'leaves the advice to a complete message: %s',
  (code) => {
    const error = (complete: boolean) => new LeapError(code, 'It does not fit.', { complete });
    expect(explainError(error(true)).advice).toBe('');
    expect(explainError(error(false)).advice).not.toBe('');
  },
);

it('advises where the message does not', () => {
  const damaged = new LeapError('damaged-file', 'The pickle is cut off.');
  expect(explainError(damaged).advice).toContain('Save or copy it again');
});

it('advises to remove an added model before it speaks of the stored ones', () => {
  const { advice } = explainError(
    new LeapError('bad-weights', 'The weights lack the tensor decoder.conv_in.weight.'),
  );
  expect(advice).toMatch(/^If you added this model, its file is incomplete/);
});

it('does not advise what cannot help', () => {
  const beyond = new LeapError('out-of-memory', 'It takes 3 GiB.', { indivisible: true });
  expect(explainError(beyond)).toMatchObject({ retry: false, advice: expect.not.stringContaining('tabs') });
  const full = new LeapError('out-of-memory', 'Memory ran out.');
  expect(explainError(full)).toMatchObject({ retry: true, advice: expect.stringContaining('tabs') });
});

it('tells a model that was found broken before it was added from one that is there', () => {
  const there = new LeapError('bad-weights', 'A tensor is missing.');
  expect(explainError(there).advice).toContain('remove it');
  const before = new LeapError('bad-weights', 'A tensor is missing.', { added: false });
  expect(explainError(before)).toMatchObject({ retry: false, advice: expect.stringContaining('not added') });
});
