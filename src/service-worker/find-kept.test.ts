import { describe, expect, it } from 'vitest';
import { findKept } from './find-kept';

const root = 'https://example.org/leap/';
const paths = ['index.html', 'assets/app.js', 'models/catalog.json'];

describe('findKept', () => {
  it('answers a request for the folder with the page, whatever the query', () => {
    expect(findKept(`${root}?backend=wasm#x`, root, paths)).toBe('index.html');
    expect(findKept(`${root}index.html`, root, paths)).toBe('index.html');
  });

  it('answers requests for listed files only', () => {
    expect(findKept(`${root}assets/app.js`, root, paths)).toBe('assets/app.js');
    expect(findKept(`${root}models/lua-s.trunk.safetensors`, root, paths)).toBeUndefined();
    expect(findKept('https://example.org/other/index.html', root, paths)).toBeUndefined();
    expect(findKept('https://elsewhere.org/leap/index.html', root, paths)).toBeUndefined();
    expect(findKept('https://huggingface.co/a/b/resolve/main/index.html', root, paths)).toBeUndefined();
  });
});
