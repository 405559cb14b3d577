import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { queueOf } from './ort-queue';

const hosts = { ...ort };

it('is one for all that use the same onnxruntime, a copy of its module too, and another for others', () => {
  const queue = queueOf(hosts);
  expect(queueOf({ ...hosts })).toBe(queue);
  expect(queueOf({ ...hosts, env: { ...hosts.env } })).not.toBe(queue);
  expect(queueOf(undefined)).toBe(queueOf(undefined));
  expect(queueOf(undefined)).not.toBe(queue);
});

it('lets the calls of two upscalers of a thread not overlap', async () => {
  let [running, most] = [0, 0];
  const call = async () => {
    running++;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
  };
  await Promise.all([queueOf(hosts), queueOf({ ...hosts }), queueOf(hosts)].map((queue) => queue.run(call)));
  expect(most).toBe(1);
});
