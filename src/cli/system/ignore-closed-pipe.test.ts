import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { ignoreClosedPipe } from './ignore-closed-pipe';

const failure = (code: string) => Object.assign(new Error(code), { code });

it('ignores that the reader has gone, and no other error', () => {
  const stream = new PassThrough();
  expect(() => stream.emit('error', failure('EPIPE'))).toThrow('EPIPE');
  ignoreClosedPipe(stream);
  expect(stream.emit('error', failure('EPIPE'))).toBe(true);
  expect(() => stream.emit('error', failure('EIO'))).toThrow('EIO');
});
