/**
 * Where models may be fetched from, beside the page's own server: the hub, the addresses to which it redirects large
 * files, and files of GitHub's repositories. As in a content security policy, of which these belong in `connect-src`; a
 * host that is missing there is blocked by the browser. This file imports nothing: the build's configuration reads it
 * too.
 */
export const MODEL_HOSTS = [
  'https://huggingface.co',
  'https://*.huggingface.co',
  'https://*.hf.co',
  'https://raw.githubusercontent.com',
] as const;
