import type { Plugin } from 'vite';
import { MODEL_HOSTS } from '../../src/weights/catalog/model-hosts.ts';

/**
 * Allows the page's own origin, and the hosts that models may be fetched from, as data but never as code. Wasm may be
 * compiled; nothing else may be evaluated.
 */
const DIRECTIVES = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "font-src 'self'",
  `connect-src 'self' ${MODEL_HOSTS.join(' ')}`,
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
];

export const CONTENT_SECURITY_POLICY = DIRECTIVES.join('; ');

/**
 * The headers that a server should send with every file of the page. Cross-origin isolation is not required, but it
 * gives the wasm backend threads. `frame-ancestors` works only as a header.
 */
const PAGE_HEADERS = {
  'Content-Security-Policy': `${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** The page for those who open it in a window and send it a latent. */
export const OPEN_PAGE = 'open.html';

/**
 * The headers of one file. A window whose document has an opener policy loses the connection to the page that opened
 * it. Chrome isolates open.html by the last header instead; elsewhere WebAssembly has one thread there.
 */
export function headersOf(pathname: string): Record<string, string> {
  if (!pathname.endsWith(`/${OPEN_PAGE}`)) return PAGE_HEADERS;
  const { 'Cross-Origin-Opener-Policy': _, ...rest } = PAGE_HEADERS;
  return { ...rest, 'Document-Isolation-Policy': 'isolate-and-require-corp' };
}

/** Writes the policy into the built page as well, for hosts that send no headers. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'leap-content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}
