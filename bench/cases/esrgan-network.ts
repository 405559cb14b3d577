import type { Dims } from '../../src/engine/device/runtime';
import type { BenchBackend, ForeignNetwork } from '../types';

/** The path under which the page's server offers the node_modules with UpscalerJS. */
const ROOT = 'upscalerjs/';

/** The parts of TensorFlow.js and UpscalerJS that are used; both come as scripts that set globals. */
interface TfTensor {
  dispose(): void;
  data(): Promise<Float32Array>;
  slice(begin: number[], size: number[]): TfTensor;
}
interface TfKernel {
  name: string;
  inputShapes: number[][];
  outputShapes: number[][];
}
interface Tf {
  setBackend(name: string): Promise<boolean>;
  wasm?: { setWasmPaths(prefix: string): void };
  tensor3d(data: Float32Array, shape: [number, number, number]): TfTensor;
  zeros(shape: number[]): TfTensor;
  profile(work: () => TfTensor): Promise<{ kernels: TfKernel[] }>;
}
interface Upscaler {
  ready: Promise<void>;
  getModel(): Promise<{ model: { predict(input: TfTensor): TfTensor } }>;
  upscale(picture: TfTensor, options: { output: 'tensor' }): Promise<TfTensor>;
  dispose(): Promise<void>;
}
type Globals = Record<string, unknown> & {
  tf: Tf;
  Upscaler: new (options: { model: object }) => Upscaler;
};

const globals = globalThis as unknown as Globals;

/** Multiply-adds are counted on a picture of this edge. Those of every layer grow with the area. */
const PROBE = 16;

/**
 * UpscalerJS's ESRGAN on the same kind of backend as our networks. Its input is the decoder's picture.
 *
 * @param size 'medium' or 'thick'
 * @param edge of the square picture
 */
export async function openEsrgan(
  backend: BenchBackend,
  size: 'medium' | 'thick',
  scale: number,
  edge: number,
): Promise<ForeignNetwork> {
  const tf = await loadTf(backend);
  await loadScript('upscaler/dist/browser/umd/upscaler.min.js');
  const name = `@upscalerjs/esrgan-${size}`;
  await loadScript(`${name}/dist/umd/models/esrgan-${size}/src/x${scale}/index.min.js`);
  const definition = globals[`ESRGAN${size === 'medium' ? 'Medium' : 'Thick'}${scale}x`] as object;
  const path = new URL(`${ROOT}${name}/models/x${scale}/model.json`, location.href).href;
  const upscaler = new globals.Upscaler({ model: { ...definition, path } });
  await upscaler.ready;
  return {
    multiplyAdds: ((await countAtProbe(tf, upscaler)) * edge ** 2) / PROBE ** 2,
    run: async (input, dims) => {
      const picture = tf.tensor3d(toInterleaved(input, dims), [dims[1], dims[2], dims[0]]);
      const result = await upscaler.upscale(picture, { output: 'tensor' });
      // A value that is read back comes after everything else, as with our own sessions.
      const value = result.slice([0, 0, 0], [1, 1, 1]);
      await value.data();
      for (const tensor of [picture, result, value]) tensor.dispose();
    },
    release: () => void upscaler.dispose(),
  };
}

/** Compares WebGPU with WebGPU, and WebAssembly with WebAssembly. */
async function loadTf(backend: BenchBackend): Promise<Tf> {
  await loadScript('@tensorflow/tfjs/dist/tf.min.js');
  await loadScript(`@tensorflow/tfjs-backend-${backend}/dist/tf-backend-${backend}.min.js`);
  globals.tf.wasm?.setWasmPaths(`${ROOT}@tensorflow/tfjs-backend-wasm/dist/`);
  if (!(await globals.tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} here.`);
  return globals.tf;
}

async function countAtProbe(tf: Tf, upscaler: Upscaler): Promise<number> {
  const { model } = await upscaler.getModel();
  const { kernels } = await tf.profile(() => model.predict(tf.zeros([1, PROBE, PROBE, 3])));
  const convolutions = kernels.filter(({ name }) => /Conv2D$/.test(name));
  return convolutions.reduce((sum, { inputShapes, outputShapes }) => {
    // [k, k, in, out] for every position of [1, height, width, out].
    const filter = inputShapes[1]!.reduce((product, length) => product * length, 1);
    return sum + filter * outputShapes[0]![1]! * outputShapes[0]![2]!;
  }, 0);
}

/** RGB planes in [0, 1] to interleaved values in [0, 255], as UpscalerJS takes pictures. */
function toInterleaved(planes: Float32Array, [channels, height, width]: Dims): Float32Array {
  const area = height * width;
  return Float32Array.from({ length: planes.length }, (_, i) => {
    const value = planes[(i % channels) * area + Math.floor(i / channels)]!;
    return Math.min(Math.max(value, 0), 1) * 255;
  });
}

async function loadScript(path: string): Promise<void> {
  const script = document.createElement('script');
  script.src = ROOT + path;
  const loaded = new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${path} could not be loaded.`));
  });
  document.head.append(script);
  await loaded;
}
