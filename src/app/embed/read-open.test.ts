import { describe, expect, it } from 'vitest';
import { MAX_OPEN_BYTES } from '../../client/open/messages';
import { errorOf } from '../../testing/error-of';
import { readOpen } from './read-open';

const message = { id: 'a', input: new Uint8Array(8) };

describe('readOpen', () => {
  it('makes a file of bytes, with the name that they come with', () => {
    expect(readOpen(message).input).toMatchObject({ name: 'latent', size: 8 });
    expect(readOpen({ ...message, name: 'fox.npy' }).name).toBe('fox.npy');
    expect(readOpen({ ...message, input: new ArrayBuffer(4) }).input).toMatchObject({ size: 4 });
    const picture = new File(['x'], 'fox.png', { type: 'image/png' });
    expect(readOpen({ id: 'a', input: picture }).input).toMatchObject({ name: 'fox.png', type: 'image/png' });
  });

  it('takes a tensor with its hints and factor', () => {
    const input = { data: new Uint16Array(4), dims: [1, 4, 1, 1], dtype: 'float16' };
    const hints = { family: 'sdxl' };
    expect(readOpen({ id: 'a', input, hints, scale: 4 })).toEqual({
      id: 'a',
      name: 'latent',
      input,
      hints,
      scale: 4,
    });
  });

  it.each([1, 1.5, 2, 3, 4])('takes the factor %s', (scale) => {
    expect(readOpen({ ...message, scale }).scale).toBe(scale);
  });

  it.each([
    [{ ...message, id: '' }],
    [{ ...message, id: 7 }],
    [{ ...message, hints: 'sdxl' }],
    [{ ...message, scale: 5 }],
    [{ ...message, scale: 0.5 }],
    [{ ...message, scale: Number.NaN }],
    [{ ...message, scale: Math.SQRT2 }],
    [{ ...message, scale: '2' }],
    [{ id: 'a' }],
    [{ id: 'a', input: 'https://a.example/x.latent' }],
    [{ id: 'a', input: { data: [1, 2], dims: [2] } }],
    [{ id: 'a', input: { data: new Float32Array(4) } }],
  ])('refuses what is not such a message: %j', (wrong) => {
    expect(errorOf(() => readOpen(wrong)).code).toBe('bad-option');
  });

  it('refuses what is too large', () => {
    const file = Object.defineProperty(new Blob(), 'size', { value: MAX_OPEN_BYTES + 1 });
    expect(errorOf(() => readOpen({ id: 'a', input: file })).code).toBe('too-large');
  });
});
