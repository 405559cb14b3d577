import type { Plugin } from 'vite';
import { LATENT_ENDINGS } from '../../src/formats/containers.ts';

const PATH = 'manifest.webmanifest';
const BINARY = 'application/octet-stream';
const icon = (src: string, sizes: string, type: string) => ({ src, sizes, type });

/** What the system knows of the installed page. It opens files with the endings of containers, and takes them from other apps. */
const MANIFEST = {
  name: 'Latent Leap',
  short_name: 'Latent Leap',
  description: 'Upscale diffusion latents 2x or 4x in latent space, on your own machine, in the browser.',
  id: './',
  start_url: './',
  scope: './',
  display: 'standalone',
  background_color: '#171717',
  theme_color: '#171717',
  icons: [
    icon('icon.svg', 'any', 'image/svg+xml'),
    icon('icon-192.png', '192x192', 'image/png'),
    icon('icon-512.png', '512x512', 'image/png'),
    { ...icon('icon-maskable-512.png', '512x512', 'image/png'), purpose: 'maskable' },
  ],
  launch_handler: { client_mode: 'focus-existing' },
  file_handlers: [{ action: './', accept: { [BINARY]: LATENT_ENDINGS }, launch_type: 'single-client' }],
  share_target: {
    action: './share',
    method: 'POST',
    enctype: 'multipart/form-data',
    params: {
      title: 'title',
      text: 'text',
      url: 'url',
      files: [
        {
          name: 'files',
          accept: ['image/png', 'image/jpeg', 'image/webp', 'image/avif', BINARY, ...LATENT_ENDINGS],
        },
      ],
    },
  },
};

/** Writes the manifest into the page, and serves it while developing. */
export function manifest(): Plugin {
  const source = `${JSON.stringify(MANIFEST, undefined, 2)}\n`;
  return {
    name: 'leap-manifest',
    transformIndexHtml: () => [
      { tag: 'link', attrs: { rel: 'manifest', href: `./${PATH}` }, injectTo: 'head' },
    ],
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: PATH, source });
    },
    configureServer: ({ middlewares }) =>
      void middlewares.use(`/${PATH}`, (_, response) => {
        response.setHeader('Content-Type', 'application/manifest+json');
        response.end(source);
      }),
  };
}
