import { describe, expect, it } from 'vitest';
import { writeTorchFile } from '../../testing/engine/torch-file';
import { codeOf } from '../../testing/error-of';
import { Budget } from '../budget';
import { readTensorFile } from '../read-tensor-file';
import { collectMetadata, collectTensors } from './collect-tensors';
import { TorchHost } from './torch-host';
import { readPickledTensors } from './torch-pickle';
import { Inert, Storage, TorchTensor } from './torch-values';
import { unpickle } from './unpickle';

const host = new TorchHost();

function run(...code: (number | string)[]): unknown {
  return unpickle(toBytes(code), host);
}

function toBytes(code: (number | string)[]): Uint8Array {
  const bytes = code.flatMap((part) =>
    typeof part === 'number' ? [part] : [...part].map((char) => char.charCodeAt(0)),
  );
  return Uint8Array.from(bytes);
}

describe('unpickle', () => {
  it('makes data of every kind', () => {
    // {'a': [1, -2, 300, 2.5], 'b': (None, True)}
    const list = '](K\x01J\xfe\xff\xff\xffM\x2c\x01G\x40\x04\0\0\0\0\0\0e';
    const value = run(`\x80\x02}(X\x01\0\0\0a${list}X\x01\0\0\0bN\x88\x86u.`);
    expect(value).toEqual(
      new Map<string, unknown>([
        ['a', [1, -2, 300, 2.5]],
        ['b', [null, true]],
      ]),
    );
  });

  it.each([
    ['a call', ['cos\nsystem\n(', 'X', 2, 0, 0, 0, 'ls', 'tR.'], 'os.system'],
    ['a name by strings', ['X', 2, 0, 0, 0, 'os', 'X', 6, 0, 0, 0, 'system', 0x93, ')R.'], 'os.system'],
    ['an object', ['cmy.module\nThing\n)', 0x81, '.'], 'my.module.Thing'],
    [
      'an object with items, elements and a state',
      ['cmy.module\nThing\n)', 0x81, '(NNuNa}b.'],
      'my.module.Thing',
    ],
  ])('makes an inert thing of %s, and says so', (_, code, name) => {
    const host = new TorchHost();
    const value = unpickle(toBytes(code), host);
    expect(value).toEqual(new Inert(name));
    expect([...host.unknown]).toEqual([name]);
    expect(collectTensors([value])).toEqual([]);
  });

  it.each([
    ['INST', ['(ios\nsystem\n.']],
    ['OBJ', ['(cos\nsystem\no.']],
    ['an extension', [0x82, 1, '.']],
  ])('refuses %s', (_, code) => {
    expect(codeOf(() => run(...code))).toBe('unsupported');
  });

  it('reads sets, large integers and byte arrays', () => {
    expect(run(0x8f, '(K', 1, 'K', 2, 0x90, '.')).toEqual(new Set([1, 2]));
    expect(run('(K', 7, 0x91, '.')).toEqual(new Set([7]));
    expect(run(0x8a, 9, 0x39, 0x30, 0, 0, 0, 0, 0, 0x80, 0, '.')).toBe(2 ** 63 + 12345);
    expect(run(0x96, 2, 0, 0, 0, 0, 0, 0, 0, 5, 6, '.')).toEqual(Uint8Array.of(5, 6));
  });

  it.each([
    ['nothing', []],
    ['an empty stack', ['.']],
    ['a mark at the end', ['(.']],
    ['a tuple without a mark', ['t.']],
    ['a memo that is not there', ['h', 9, '.']],
    ['items without a dict', ['N(NNu.']],
    ['an odd number of items', ['}(Nu.']],
    ['a call of a number', ['K', 1, ')R.']],
    ['a text that is cut off', ['X', 255, 255, 255, 255, 'a']],
    ['an unknown storage', ['(X', 7, 0, 0, 0, 'storage', 'NNNNtQ.']],
  ])('calls %s damaged', (_, code) => {
    expect(codeOf(() => run(...code))).toBe('damaged-file');
  });

  it('soon comes to an end with cycles, shared lists, deep nesting and endless steps', () => {
    const holdsItself = run(']', 'q', 0, 'h', 0, 'a.');
    const thirtyDoublings = run(']', ...Array.from({ length: 30 }, () => ['2', 0x86]).flat(), '.');
    const nested = unpickle(Uint8Array.of(0x5d, ...new Uint8Array(100_000).fill(0x85), 0x2e), host);
    for (const value of [holdsItself, thirtyDoublings, nested]) expect(collectTensors(value)).toEqual([]);
    const endless = new Uint8Array(2 ** 22).fill(0x4e);
    expect(codeOf(() => unpickle(endless, host))).toBe('too-large');
    const lists = new Uint8Array(2 ** 21).fill(0x5d);
    expect(codeOf(() => unpickle(lists, host))).toBe('too-large');
  });

  it('reads a list of 1 200 000 losses as torch does', () => {
    const batch = [0x28, ...Array(1000).fill([0x47, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0]).flat(), 0x65] as number[];
    const bytes = Buffer.concat([
      Buffer.of(0x80, 2, 0x5d),
      ...Array<Uint8Array>(1200).fill(Uint8Array.from(batch)),
      Buffer.from('.'),
    ]);
    const losses = unpickle(bytes, host) as number[];
    expect([losses.length, losses[0], losses.at(-1)]).toEqual([1_200_000, 0.5, 0.5]);
  });

  it('does not keep the path to each of 30 000 dicts in dicts', () => {
    const root = new Map<string, unknown>();
    let inner = root;
    for (let depth = 0; depth < 30_000; depth++) {
      const next = new Map<string, unknown>();
      inner.set('a'.repeat(1000), next);
      inner = next;
    }
    expect(collectTensors(root)).toEqual([]);
  });

  it('gives the texts and the lists of whole numbers in a dict as metadata', () => {
    const dict = new Map<unknown, unknown>([
      ['batch_index', [5, 2]],
      [7, [1]],
      ['mixed', [1, 'a']],
      ['long', Array(5000).fill(1)],
      ['model', 'LTX-Video'],
      ['book', 'a'.repeat(1001)],
      ['deep', new Map([['inner', [1]]])],
    ]);
    expect(collectMetadata(dict)).toEqual({ batch_index: '[5,2]', 7: '[1]', model: 'LTX-Video' });
    expect(collectMetadata([[1, 2]])).toEqual({});
  });

  it('walks lists that are longer than a call has arguments', () => {
    const losses = Array.from({ length: 300_000 }, () => []);
    expect(collectTensors(new Map<string, unknown>([['losses', losses]]))).toEqual([]);
  });
});

describe('tensors of a pickle', () => {
  /** A float storage of four elements, then `_rebuild_tensor_v2(storage, offset, size, stride)`. */
  function tensor(offset: number, size: number[], stride: number[], readStorage = () => new Uint8Array(16)) {
    const tuple = (values: number[]) => ['(', ...values.flatMap((value) => ['J', ...int32(value)]), 't'];
    const root = run(
      ...['ctorch._utils\n_rebuild_tensor_v2\n(', '(X', 7, 0, 0, 0, 'storage', 'ctorch\nFloatStorage\n'],
      ...['X', 1, 0, 0, 0, '0', 'X', 3, 0, 0, 0, 'cpu', 'K', 4, 'tQ', 'J', ...int32(offset)],
      ...[...tuple(size), ...tuple(stride), 0x89, '}', 'tR.'],
    );
    return readPickledTensors([root, [root]], new TorchHost(), readStorage, new Budget(0)).tensors;
  }
  const int32 = (value: number) => [...new Uint8Array(Int32Array.of(value).buffer)];

  it.each([
    ['the storage', 0, [2, 2], [2, 1], 'read'],
    ['an expanded element', 3, [1000], [0], 'read'],
    ['one beyond the end', 1, [2, 2], [2, 1], 'damaged-file'],
    ['a negative offset', -1, [1], [1], 'damaged-file'],
    ['a negative stride', 3, [2], [-1], 'damaged-file'],
    ['fewer strides than sizes', 0, [2, 2], [1], 'damaged-file'],
    ['a size that unfolds to 4 GB', 0, [2 ** 30], [0], 'too-large'],
    ['sizes that overflow', 0, [2 ** 30, 2 ** 30], [0, 0], 'damaged-file'],
  ])('%s', (_, offset, size, stride, code) => {
    expect(codeOf(() => tensor(offset, size, stride))).toBe(code);
  });

  it('reads a latent behind 60 000 tensors of one number', () => {
    const losses = Array.from({ length: 60_000 }, (_, i) => ({
      name: `losses.${i}`,
      shape: [],
      data: Float32Array.of(i),
    }));
    const latents = { name: 'latents', shape: [1, 4, 2, 2], data: new Float32Array(16).fill(3) };
    const { tensors } = readTensorFile(writeTorchFile(undefined, [...losses, latents]));
    expect(tensors).toHaveLength(60_001);
    expect(tensors.at(-1)).toMatchObject({ name: 'latents', shape: [1, 4, 2, 2] });
  });

  it('reads a storage once, however many tensors are views of it', () => {
    let reads = 0;
    const count = () => {
      reads++;
      return new Uint8Array(16);
    };
    const [view] = tensor(0, [2, 2], [2, 1], count);
    expect([view?.shape, reads]).toEqual([[2, 2], 1]);
    const storage = new Storage('F32', '0', 4);
    const tensors = Array.from({ length: 100_000 }, () => {
      return new TorchTensor({ dtype: 'F32', source: storage, offset: 0, shape: [4], strides: [1] });
    });
    reads = 0;
    expect(readPickledTensors(tensors, new TorchHost(), count, new Budget(0)).tensors).toHaveLength(100_000);
    expect(reads).toBe(1);
  });
});
