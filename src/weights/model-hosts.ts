/**
 * Where models may be fetched from, beside the page's own server: the hub, and the addresses to which it redirects
 * large files. As in a content security policy, of which these are the `connect-src`; a host that is missing there
 * is blocked by the browser.
 */
export const MODEL_HOSTS = ['https://huggingface.co', 'https://*.huggingface.co', 'https://*.hf.co'] as const;
