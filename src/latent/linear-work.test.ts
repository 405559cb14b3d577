import { zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { readTensorFile, writeSafetensors } from '../formats';
import { collectTensors } from '../formats/torch/collect-tensors';
import { TorchHost } from '../formats/torch/torch-host';
import { unpickle } from '../formats/torch/unpickle';
import { recogniseCheckpoint } from '../graph';
import { countWork } from '../testing/count-work';
import { readLatents } from './index';

/** Nested once more each. */
function nest(depth: number): Map<string, unknown> {
  let inner = new Map<string, unknown>();
  for (let i = 0; i < depth; i++) inner = new Map<string, unknown>([['a', inner]]);
  return inner;
}

const tensorsOf = (count: number, shape: number[]) =>
  Array.from({ length: count }, (_, i) => ({
    name: `${i}.conv.0.out`,
    dtype: 'F32' as const,
    shape,
    bytes: new Uint8Array(shape.reduce((product, size) => product * size, 4)),
  }));

const archiveOf = (count: number) =>
  zipSync(Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}.npy`, Uint8Array.of(i & 255)])), {
    level: 0,
  });

const overlapping = (count: number): Uint8Array => {
  const archive = archiveOf(count);
  const view = new DataView(archive.buffer, archive.byteOffset);
  // Every entry of the directory says that its file is the first.
  for (let at = 0; at + 46 <= archive.length; at++)
    if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 42, 0, true);
  return archive;
};

/** A list of pairs, from which as many dicts are made. */
const dictsOfPairs = (count: number): Uint8Array =>
  Buffer.concat([
    Buffer.from('ccollections\nOrderedDict\nq\x010]q\0('),
    ...Array.from({ length: count }, (_, i) => Buffer.of(0x4d, i & 255, i >> 8, 0x4e, 0x86)),
    Buffer.from('e0('),
    ...Array.from({ length: count }, () => Buffer.of(0x68, 1, 0x68, 0, 0x85, 0x52)),
    Buffer.from('t.'),
  ]);

it.each<[string, (size: number) => () => unknown]>([
  ['dicts in dicts', (size) => () => collectTensors(nest(size))],
  ['dicts of the same pairs', (size) => () => unpickle(dictsOfPairs(size), new TorchHost())],
  ['numbered blocks', (size) => () => recogniseCheckpoint(tensorsOf(size, [1]))],
  [
    'tensors of the shape of a latent',
    (size) => () =>
      readLatents({ container: 'safetensors', tensors: tensorsOf(size, [4, 2, 2]), metadata: {} }),
  ],
  ['tensors of a header', (size) => () => readTensorFile(writeSafetensors(tensorsOf(size, [1])))],
  ['files of an archive', (size) => () => readTensorFile(archiveOf(size))],
  ['files of an archive that share bytes', (size) => () => readTensorFile(overlapping(size))],
])('twice as many %s are at most twice the work, and a little', (_, make) => {
  const [once, twice] = [make(1000), make(2000)].map(countWork);
  expect(once).toBeGreaterThan(1000);
  expect(twice! / once!).toBeLessThan(2.4);
});

it('an archive whose files share bytes is refused before any is read', () => {
  expect(() => readTensorFile(overlapping(3))).toThrowError(
    expect.objectContaining({ code: 'damaged-file', message: expect.stringMatching(/overlap|share/) }),
  );
});
