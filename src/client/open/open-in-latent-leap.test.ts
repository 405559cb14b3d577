import { afterEach, expect, it, vi } from 'vitest';
import { makeLatent } from '../../testing/engine/test-models';
import { PROTOCOL_VERSION } from './messages';
import { openInLatentLeap } from './open-in-latent-leap';

afterEach(() => vi.unstubAllGlobals());

const { data, dims } = makeLatent('sdxl', 2, 2);
const page = 'https://leap.example/';

it.each([
  ['no options', undefined],
  ['no page', {}],
  ['a scale of 9', { page, scale: 9 }],
  ['a misspelt name', { page, nmae: 'a' }],
  ['a signal that is none', { page, signal: {} }],
  ['an address that is none', { page: 'http://[' }],
])('%s is a bad option, and no window opens', async (_, options) => {
  const open = vi.fn();
  vi.stubGlobal('window', { open });
  vi.stubGlobal('location', { href: 'https://host.example/' });
  vi.stubGlobal('document', { baseURI: 'https://host.example/' });
  const opened = openInLatentLeap({ data, dims }, {}, options as never);
  await expect(opened).rejects.toMatchObject({ name: 'LeapError', code: 'bad-option' });
  expect(open).not.toHaveBeenCalled();
});

/** A page that opens, is ready, and answers with a picture. */
function stubPage() {
  let listen: (event: object) => void = () => {};
  const sent: Record<string, unknown>[] = [];
  const say = (data: object) => listen({ source: opened, origin: 'https://leap.example', data });
  const opened = {
    closed: false,
    postMessage: (message: { id: string }) => {
      sent.push(structuredClone(message));
      say({ latentLeap: PROTOCOL_VERSION, type: 'result', id: message.id, width: 2, height: 2 });
    },
  };
  vi.stubGlobal('document', { baseURI: 'https://host.example/' });
  vi.stubGlobal('window', {
    open: () => opened,
    addEventListener: (_: string, listener: typeof listen) => {
      listen = listener;
    },
  });
  return {
    sent,
    ready: () => say({ latentLeap: PROTOCOL_VERSION, type: 'ready', versions: [PROTOCOL_VERSION] }),
  };
}

it.each([
  ['https://leap.example/', 'https://leap.example/open.html'],
  ['https://leap.example/latent-leap', 'https://leap.example/latent-leap/open.html'],
  ['https://leap.example/v1.2/', 'https://leap.example/v1.2/open.html'],
  ['https://leap.example/leap/index.html?scale=4', 'https://leap.example/leap/open.html?scale=4'],
  ['../leap', 'https://host.example/leap/open.html'],
])('%s opens %s', async (given, opened) => {
  vi.stubGlobal('document', { baseURI: 'https://host.example/a/' });
  const open = vi.fn();
  vi.stubGlobal('window', { open });
  const failing = openInLatentLeap({ data, dims }, {}, { page: given });
  await expect(failing).rejects.toMatchObject({ code: 'closed', detail: { reason: 'blocked' } });
  expect(String(open.mock.calls[0]![0])).toBe(opened);
});

it('sends the values of a view, and nothing else of its buffer', async () => {
  const { sent, ready } = stubPage();
  const memory = new Float32Array(2 ** 16);
  const view = memory.subarray(100, 116);
  const opening = openInLatentLeap({ data: view, dims: [4, 2, 2] }, {}, { page });
  ready();
  await opening;
  const { data } = sent[0]!.input as { data: Float32Array };
  expect([data.length, data.buffer.byteLength]).toEqual([16, 64]);
});

it('resolves although the listener of results throws', async () => {
  const { ready } = stubPage();
  const onResult = () => {
    throw new Error('a mistake of the host');
  };
  const opening = openInLatentLeap({ data, dims }, {}, { page, onResult });
  ready();
  await expect(opening).resolves.toMatchObject({ width: 2 });
});
