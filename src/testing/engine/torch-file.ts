import { zipSync } from 'fflate';

/** A tensor for {@link writeTorchFile}. */
export interface PlainTensor {
  name: string;
  shape: number[];
  data: Float32Array | BigInt64Array;
}

/**
 * A file as `torch.save({key: state_dict})` writes it, or, without a key, `torch.save(state_dict)`: a stored zip of a
 * pickle and of the tensors' bytes.
 */
export function writeTorchFile(key: string | undefined, tensors: PlainTensor[]): Uint8Array {
  const state = dict(tensors.map((tensor, i) => [text(tensor.name), pickleTensor(tensor, `${i}`)]));
  const pickle = Buffer.concat([
    Buffer.of(0x80, 2),
    key === undefined ? state : dict([[text(key), state]]),
    Buffer.from('.'),
  ]);
  const storages = tensors.map(({ data }, i): [string, Uint8Array] => [
    `archive/data/${i}`,
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  ]);
  const files = Object.fromEntries([
    ['archive/data.pkl', new Uint8Array(pickle)],
    ['archive/byteorder', new TextEncoder().encode('little')],
    ...storages,
    ['archive/version', new TextEncoder().encode('3\n')],
  ]);
  return zipSync(files, { level: 0 });
}

/** torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks). */
function pickleTensor({ shape, data }: PlainTensor, key: string): Buffer {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const type = data instanceof Float32Array ? 'FloatStorage' : 'LongStorage';
  const storage = [text('storage'), global('torch', type), text(key), text('cpu'), integer(data.length)];
  const hooks = [global('collections', 'OrderedDict'), Buffer.from(')R')];
  return Buffer.concat([
    global('torch._utils', '_rebuild_tensor_v2'),
    tuple([
      Buffer.concat([tuple(storage), Buffer.from('Q')]),
      integer(0),
      tuple(shape.map(integer)),
      tuple(strides.map(integer)),
      Buffer.of(0x89),
      Buffer.concat(hooks),
    ]),
    Buffer.from('R'),
  ]);
}

function dict(items: [key: Buffer, value: Buffer][]): Buffer {
  return Buffer.concat([Buffer.from('}('), ...items.flat(), Buffer.from('u')]);
}

function tuple(items: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]);
}

function global(module: string, name: string): Buffer {
  return Buffer.from(`c${module}\n${name}\n`);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from('X'), uint32(bytes.length), bytes]);
}

function integer(value: number): Buffer {
  return Buffer.concat([Buffer.from('J'), uint32(value)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
