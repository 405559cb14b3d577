import { expect, test } from 'vitest';
import { explainGate, hubUrl, parseHubAddress } from '../download/hub-address';
import { checkModelAddress } from './check-model-address';

const CATALOG = 'https://example.org/page/models/catalog.json';
const check = (text: string, hosts: string[] = []) => checkModelAddress(text, hosts, CATALOG);
const codeOf = (text: string, hosts?: string[]) => {
  try {
    return check(text, hosts);
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
};

test.each([
  ['https://huggingface.co/a/b/resolve/main/c.safetensors'],
  ['https://cdn-lfs.huggingface.co/a'],
  ['https://us.aws.cdn.hf.co/a'],
  ['https://example.org/models/mine.safetensors'],
])('allows %s', (url) => {
  expect(check(`  ${url}#part `)).toBe(url);
});

test.each([
  ['http://huggingface.co/a', 'forbidden-address'],
  ['https://huggingface.co.evil.org/a', 'forbidden-address'],
  ['https://evilhuggingface.co/a', 'forbidden-address'],
  ['https://hf.co/a', 'forbidden-address'],
  ['https://user:secret@huggingface.co/a', 'forbidden-address'],
  ['https://huggingface.co:8443/a', 'forbidden-address'],
  ['http://example.org/a', 'forbidden-address'],
  ['file:///etc/passwd', 'forbidden-address'],
  ['data:application/octet-stream,abc', 'forbidden-address'],
  ['blob:https://example.org/123', 'forbidden-address'],
  ['javascript:alert(1)', 'forbidden-address'],
  ['models/mine.safetensors', 'bad-option'],
  ['', 'bad-option'],
])('refuses %s', (url, code) => {
  expect(codeOf(url)).toBe(code);
});

test('names the allowed hosts, and says how to allow more', () => {
  expect(() => check('https://models.example.net/a')).toThrow(/huggingface\.co.*modelHosts.*connect-src/s);
  expect(check('https://models.example.net/a', ['https://models.example.net'])).toMatch(/^https/);
  expect(codeOf('http://models.example.net/a', ['https://models.example.net'])).toBe('forbidden-address');
});

test('a catalogue on this machine may take models from this machine, if that is allowed', () => {
  const local = 'http://localhost:4173/models/catalog.json';
  expect(checkModelAddress('http://localhost:9000/a', ['http://localhost:9000'], local)).toMatch(/9000/);
  expect(() => checkModelAddress('http://localhost:9000/a', [], local)).toThrow(/not from http:/);
});

test('understands addresses at a hub, including pages about files', () => {
  const address = parseHubAddress(
    'https://huggingface.co/a/b/blob/main/vae/x%20y.safetensors?download=true',
  )!;
  expect(address).toMatchObject({ repo: 'a/b', revision: 'main', page: 'https://huggingface.co/a/b' });
  expect(hubUrl(address, 'abc')).toBe('https://huggingface.co/a/b/resolve/abc/vae/x%20y.safetensors');
  for (const other of ['https://huggingface.co/a/b', 'https://example.org/c.safetensors', 'nonsense']) {
    expect(parseHubAddress(other)).toBeUndefined();
  }
  expect(explainGate(address.page).detail.page).toBe(address.page);
});
