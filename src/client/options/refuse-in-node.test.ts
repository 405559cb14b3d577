import { afterEach, expect, test, vi } from 'vitest';
import { createUpscaler } from '../create-upscaler';
import type { CreateOptions } from './create-options';
import { refuseInNode } from './refuse-in-node';

afterEach(() => vi.unstubAllGlobals());

const ort = { InferenceSession: { create() {} } } as unknown as NonNullable<CreateOptions['ort']>;
const models = 'https://example.org/models/';

test.each<[CreateOptions, string]>([
  [
    {},
    "needs thread: 'this', ort (npm install --ignore-scripts onnxruntime-node), models (the address of their folder, or imports of latent-leap/models/<family>) as well",
  ],
  [{ thread: 'this', models }, 'needs ort (npm install --ignore-scripts onnxruntime-node) as well'],
  [
    { thread: 'this', ort },
    'needs models (the address of their folder, or imports of latent-leap/models/<family>) as well',
  ],
  [
    { worker: 'worker.js', models },
    "needs thread: 'this', ort (npm install --ignore-scripts onnxruntime-node) as well",
  ],
])('in Node %o is refused with what is missing', async (options, message) => {
  await expect(createUpscaler(options)).rejects.toMatchObject({
    code: 'bad-option',
    message: expect.stringContaining(message),
  });
});

test('an address that is relative to no page is refused', () => {
  expect(() => refuseInNode({ thread: 'this', ort, models: './models/' })).toThrow(
    /absolute address.*not ".\/models\/"/,
  );
  expect(() => refuseInNode({ thread: 'this', ort, models: 'file:///srv/models/' })).not.toThrow();
});

test('what is enough passes, in Node and in a browser', () => {
  expect(() => refuseInNode({ thread: 'this', ort, models })).not.toThrow();
  expect(() => refuseInNode({ worker: () => ({}) as Worker })).not.toThrow();
  vi.stubGlobal('Worker', class {});
  expect(() => refuseInNode({})).not.toThrow();
});
