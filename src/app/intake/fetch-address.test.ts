import { describe, expect, it } from 'vitest';
import { readAddresses } from './fetch-address';

const read = (text: string) => readAddresses(text).map(({ href }) => href);

describe('readAddresses', () => {
  it('takes one address a line, and leaves out the comments of a list of links', () => {
    expect(read('# comment\r\nhttps://a.example/x.latent\r\nhttp://b.example/y.npy')).toEqual([
      'https://a.example/x.latent',
      'http://b.example/y.npy',
    ]);
  });

  it('turns the page of a file on the hub into the file', () => {
    expect(read('https://huggingface.co/a/b/blob/main/x.latent')).toEqual([
      'https://huggingface.co/a/b/resolve/main/x.latent',
    ]);
  });

  it.each(['', 'some words', 'see https://a.example/x', 'x.latent', 'data:text/plain,x'])(
    'finds no address in %j',
    (text) => expect(read(text)).toEqual([]),
  );
});
