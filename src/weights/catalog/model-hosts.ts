/**
 * Where models may be fetched from, beside the page's own server: Hugging Face, the addresses to which it redirects
 * large files, and raw files of GitHub. They are written as in a content security policy, and belong in its
 * `connect-src`: the browser blocks a host that is missing there. This file imports nothing, because the build's
 * configuration reads it too.
 */
export const MODEL_HOSTS = [
  'https://huggingface.co',
  'https://*.huggingface.co',
  'https://*.hf.co',
  'https://raw.githubusercontent.com',
] as const;
