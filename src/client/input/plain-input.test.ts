import { Tensor } from 'onnxruntime-node';
import { describe, expect, it, vi } from 'vitest';
import type { PlainTensor } from '../../latent/latent-from-raw';
import { readInput } from '../../worker/input/read-input';
import { asGpuTensor, toPlainInput } from './plain-input';

const dims = [1, 4, 2, 3];
const values = Float32Array.from({ length: 24 }, (_, at) => at / 8);

/** As transformers.js has it: a tensor of onnxruntime, in a proxy that gives rows by their index. */
class TransformersTensor {
  readonly ort_tensor: Tensor;

  constructor(tensor: Tensor) {
    this.ort_tensor = tensor;
    // biome-ignore lint/correctness/noConstructorReturn: that is what transformers.js does
    return new Proxy(this, {
      get: (target, key) => {
        if (typeof key === 'string' && Number.isInteger(Number(key)))
          throw new Error('No row was asked for.');
        return Reflect.get(target, key, target);
      },
    });
  }

  get dims() {
    return this.ort_tensor.dims;
  }

  get type() {
    return this.ort_tensor.type;
  }

  get data() {
    return this.ort_tensor.data;
  }

  get location() {
    return this.ort_tensor.location;
  }
}

/** Just enough of a device to copy a buffer and map the copy. */
function fakeDevice() {
  const contents = new Map<object, ArrayBuffer>();
  const destroyed: object[] = [];
  const createBuffer = ({ size }: { size: number }) => {
    const buffer = {
      size,
      mapAsync: async () => {},
      getMappedRange: () => contents.get(buffer)!,
      destroy: () => destroyed.push(buffer),
    };
    return buffer;
  };
  const device = {
    createBuffer,
    createCommandEncoder: () => ({
      copyBufferToBuffer: (from: object, _from: number, to: object, _to: number, size: number) => {
        contents.set(to, contents.get(from)!.slice(0, size));
      },
      finish: () => ({}),
    }),
    queue: { submit: () => {} },
  };
  return { device: device as unknown as GPUDevice, contents, destroyed };
}

function moved(): Float32Array {
  const array = values.slice();
  structuredClone(array, { transfer: [array.buffer] });
  return array;
}

describe('tensors of other programs', () => {
  it('takes the values of an onnxruntime tensor', async () => {
    expect(await toPlainInput(new Tensor('float32', values, dims))).toEqual({
      data: values,
      dims,
      dtype: 'float32',
    });
    const halves = new Tensor('float16', new Uint16Array(24).fill(0x3c00), dims);
    const plain = await toPlainInput(halves);
    expect(plain).toEqual({ data: new Uint16Array(24).fill(0x3c00), dims, dtype: 'float16' });
  });

  it('reads a tensor of transformers.js, which cannot be cloned itself', async () => {
    const tensor = new TransformersTensor(new Tensor('float32', values, dims));
    expect(() => structuredClone(tensor)).toThrow();
    const sent = structuredClone(await toPlainInput(tensor as never));
    const [latent] = await readInput(sent, { family: 'sdxl', space: 'model' }, () => {});
    expect(latent).toMatchObject({ family: 'sdxl', dims: [4, 2, 3], data: values });
  });

  it('refuses one that holds no floats', async () => {
    await expect(toPlainInput(new Tensor('uint8', new Uint8Array(24), dims))).rejects.toMatchObject({
      code: 'bad-option',
    });
  });

  it('reads a buffer back from its device, and gives the copy free', async () => {
    vi.stubGlobal('GPUBufferUsage', { COPY_DST: 8, MAP_READ: 1 });
    vi.stubGlobal('GPUMapMode', { READ: 1 });
    const { device, contents, destroyed } = fakeDevice();
    const gpuBuffer = device.createBuffer({ size: 96, usage: 4 });
    contents.set(gpuBuffer, values.slice().buffer);
    expect(await toPlainInput({ gpuBuffer, device, dims })).toEqual({ data: values, dims });
    expect(destroyed.length).toBe(1);
    await expect(toPlainInput({ gpuBuffer, device, dims: [1, 4, 2, 4] })).rejects.toMatchObject({
      code: 'bad-option',
    });
    vi.unstubAllGlobals();
  });

  it('leaves bytes and arrays alone', async () => {
    const bytes = new Uint8Array(4);
    const raw = { data: values, dims };
    expect(await toPlainInput(bytes)).toBe(bytes);
    expect(((await toPlainInput(raw)) as PlainTensor).data).toBe(values);
  });

  it('takes a Float16Array, dims in other arrays, and a tensor that has its values', async () => {
    class Float16Array extends Uint16Array {}
    const halves = new Float16Array(24).fill(0x3c00);
    const plain = { data: new Uint16Array(24).fill(0x3c00), dims, dtype: 'float16' };
    expect(await toPlainInput({ data: halves, dims })).toEqual(plain);
    expect(await toPlainInput({ type: 'float16', data: halves, dims: Int32Array.from(dims) })).toEqual(plain);
    const big = BigInt64Array.from(dims.map(BigInt)) as unknown as ArrayLike<number>;
    expect(await toPlainInput({ type: 'float32', data: values, dims: big })).toEqual({
      data: values,
      dims,
      dtype: 'float32',
    });
  });

  it('leaves a tensor on the GPU where it is', async () => {
    const tensor = Tensor.fromGpuBuffer({ size: 96 } as never, {
      dataType: 'float32',
      dims,
      download: async () => values.slice(),
    });
    expect(await toPlainInput(tensor)).toEqual({ data: values, dims, dtype: 'float32' });
    expect(tensor.location).toBe('gpu-buffer');
    // And once more: the way to its values is still there.
    expect(await toPlainInput(tensor)).toEqual({ data: values, dims, dtype: 'float32' });
  });

  it('says what to do about a buffer that onnxruntime cannot read', async () => {
    const tensor = Tensor.fromGpuBuffer({ size: 96 } as never, { dataType: 'float32', dims });
    await expect(toPlainInput(tensor)).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining('pass { gpuBuffer, device, dims }'),
    });
  });

  it('leaves the pixels of a canvas alone', async () => {
    const pixels = { width: 1, height: 1, data: new Uint8ClampedArray(4), [Symbol.toStringTag]: 'ImageData' };
    expect(await toPlainInput(pixels as unknown as ImageData)).toBe(pixels);
  });

  it.each([
    ['values in a proxy', { data: new Proxy(values, {}), dims }, 'proxy'],
    ['bytes in a proxy', new Proxy(new Uint8Array(4), {}), 'proxy'],
    ['values that were moved', { data: moved(), dims }, 'was moved'],
  ])('says what to pass instead of %s', async (_, input, what) => {
    await expect(toPlainInput(input)).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringMatching(new RegExp(`${what}.*new Float32Array`)),
    });
  });

  it.each([
    ['dims that are not numbers', { data: values, dims: ['a'] }],
    ['a plain array', { data: [1, 2], dims: [2] }],
    ['an object of no known kind', {}],
    ['an array', [1, 2, 3]],
  ])('refuses %s', async (_, input) => {
    await expect(toPlainInput(input as never)).rejects.toMatchObject({ code: 'bad-option' });
  });
});

describe('asGpuTensor', () => {
  const device = fakeDevice().device;

  it('finds the buffer of a tensor of onnxruntime', () => {
    const gpuBuffer = { size: 96 };
    const tensor = Tensor.fromGpuBuffer(gpuBuffer as never, { dataType: 'float32', dims });
    expect(asGpuTensor(tensor, device)).toEqual({ gpuBuffer, device, dims, dtype: 'float32' });
  });

  it('finds no buffer in a tensor on the CPU, or on another device', () => {
    expect(asGpuTensor(new Tensor('float32', values, dims), device)).toBeUndefined();
    const other = { gpuBuffer: { size: 96 }, device: fakeDevice().device, dims };
    expect(asGpuTensor(other, device)).toBeUndefined();
  });
});
