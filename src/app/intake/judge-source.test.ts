import { describe, expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../../../scripts/page/security-headers';
import { judgeSource } from './judge-source';

const OWN = 'https://leap.example';
const judge = (address: string, policy: string | undefined) => judgeSource(new URL(address), OWN, policy);

describe('judgeSource', () => {
  it.each([
    ['https://leap.example/samples/x.latent', 'fetch'],
    ['https://huggingface.co/a/b/resolve/main/x.latent', 'fetch'],
    ['https://cdn-lfs.hf.co/x', 'fetch'],
    ['https://hf.co/x', 'refuse'],
    ['https://evilhf.co/x', 'refuse'],
    ['https://huggingface.co.evil.example/x', 'refuse'],
    ['https://huggingface.co:8443/x', 'refuse'],
    ['https://other.example/x.latent', 'refuse'],
    ['http://huggingface.co/x', 'refuse'],
    ['data:text/plain,x', 'refuse'],
  ])('by the policy that the page is built with: %s: %s', (address, verdict) => {
    expect(judge(address, CONTENT_SECURITY_POLICY)).toBe(verdict);
  });

  it.each([
    ["default-src 'self'; connect-src 'self' https:", 'ask'],
    ['connect-src *', 'ask'],
    ["default-src 'self'", 'refuse'],
    ["connect-src 'none'; default-src *", 'refuse'],
    ["img-src 'self'", 'ask'],
    [undefined, 'ask'],
  ])('a host that nobody has named, by the policy %s: %s', (policy, verdict) => {
    expect(judge('https://other.example/x', policy)).toBe(verdict);
  });

  it('takes nothing without encryption, but from the own server', () => {
    expect(judge('http://other.example/x', 'connect-src *')).toBe('refuse');
    expect(judgeSource(new URL('http://localhost:1/x'), 'http://localhost:1', undefined)).toBe('fetch');
  });
});
