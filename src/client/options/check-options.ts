import { LeapError } from '../../errors';
import { FACTORS_TAKEN, isFactor } from '../../factor';
import { CONSUMERS, FAMILIES, LATENT_FORMATS, type LatentFormat, type WriteOptions } from '../../latent';
import type { Latent, ReadHints } from '../../latent/types';
import { METHODS } from '../../methods';
import { KIND_NAMES } from '../../model-kinds';
import type { ModelWish } from '../../weights/types';
import type { ModelCheck, ModelOptions, Output, RunOptions, UpscaleOptions, WarmUpOptions } from '../types';
import {
  checkCallback,
  checkFlag,
  checkMilliseconds,
  checkNames,
  checkObject,
  checkOneOf,
  checkPositive,
  checkSignal,
  checkText,
  checkWhole,
  isObject,
  refuseOption,
  requireOneOf,
  requireText,
  requireWhole,
} from './check';
import type { CreateOptions } from './create-options';
import {
  CREATE,
  HINTS,
  LIMITS,
  MEMORY,
  MODEL_CHECK,
  RUN,
  RUNTIME,
  UPSCALE,
  WARM_UP,
  WRITE,
} from './option-names';

/** Options are looked at here, before they travel: what is wrong with one is told in the caller's own terms. */

const FAMILY_IDS = Object.keys(FAMILIES);
const OUTPUTS: readonly Output[] = ['image', 'rgba', 'tensor', 'gpu-tensor', 'texture', 'canvas'];

/** @throws LeapError `bad-option` */
export function checkCreateOptions(options: CreateOptions): void {
  checkObject('The options', options);
  checkNames('The options of createUpscaler', options, CREATE);
  checkModels(options.models);
  checkOneOf('The backend', options.backend, ['auto', 'webgpu', 'wasm']);
  checkOneOf('The precision', options.precision, ['auto', 'fp16', 'fp32']);
  checkOneOf('The thread', options.thread, ['this', 'worker']);
  for (const [name, group, names, check] of [
    ['memory', options.memory, MEMORY, checkPositive],
    ['limits', options.limits, LIMITS, checkMilliseconds],
  ] as const) {
    if (group === undefined) continue;
    checkObject(`The option ${name}`, group);
    checkNames(`The option ${name}`, group, names);
    for (const [key, value] of Object.entries(group)) check(`${name}.${key}`, value);
  }
  const { modelHosts, store, runtime, worker, thread } = options;
  if (modelHosts !== undefined && !(Array.isArray(modelHosts) && modelHosts.every(isText))) {
    refuseOption('The option modelHosts', 'an array of origins', modelHosts);
  }
  if (store !== undefined && !(isObject(store) && isText(store.name)))
    refuseOption('The option store', '{ name }', store);
  if (runtime !== undefined) {
    checkObject('The option runtime', runtime);
    checkNames('The option runtime', runtime, RUNTIME);
    checkWhole('runtime.threads', runtime.threads, 1);
    const { wasm } = runtime;
    if (wasm !== undefined && !isText(wasm) && !(wasm instanceof ArrayBuffer)) {
      refuseOption('runtime.wasm', 'an address or an ArrayBuffer', wasm);
    }
  }
  if (worker !== undefined && !isText(worker) && typeof worker !== 'function' && !isObject(worker)) {
    refuseOption('The worker', 'a Worker, an address, or a function that makes a Worker', worker);
  }
  if (thread !== 'this' && (options.ort || options.device || options.runExclusive)) {
    throw new LeapError('bad-option', "The options ort, device and runExclusive need thread: 'this'.");
  }
  if (options.ort !== undefined && !isRuntime(options.ort))
    refuseOption(
      'The option ort',
      'onnxruntime (the module that was imported, after its await)',
      options.ort,
    );
  checkCallback('runExclusive', options.runExclusive);
  checkCallback('onNotice', options.onNotice);
  checkLong(options);
}

function isRuntime(ort: unknown): boolean {
  const { InferenceSession: session } = isObject(ort) ? ort : {};
  return typeof (session as { create?: unknown } | undefined)?.create === 'function';
}

function checkModels(models: unknown): void {
  if (models === undefined || isText(models)) return;
  const carried = (one: unknown) => isObject(one) && Array.isArray(one.models) && isObject(one.files);
  if ([models].flat().every(carried)) return;
  refuseOption(
    'The option models',
    'the address of a folder, or imports of latent-leap/models/<family>',
    models,
  );
}

/** @throws LeapError `bad-option` */
export function checkHints(hints: ReadHints): void {
  checkPlainHints(hints);
  checkBatchNorm(hints);
}

function checkPlainHints(hints: ReadHints): void {
  checkObject('The hints', hints);
  checkNames('The hints', hints, HINTS);
  checkOneOf('The family', hints.family, FAMILY_IDS);
  checkOneOf('The space', hints.space, ['model', 'decoder']);
  checkOneOf('The layout', hints.layout, ['unpacked', 'packed', 'patchified']);
  checkText('The tensor', hints.tensor);
  checkWhole('The width', hints.width, 1);
  checkWhole('The height', hints.height, 1);
  if (hints.item !== 'first') checkWhole('The item', hints.item, 0);
  checkName('The name', hints.name);
}

function checkBatchNorm({ batchNorm, family }: ReadHints): void {
  if (batchNorm === undefined) return;
  if (family && !FAMILIES[family].batchNorm)
    refuseOption('The family of latents with a batchNorm', '"flux2"', family);
  checkObject('The option batchNorm', batchNorm);
  for (const values of [batchNorm.mean, batchNorm.variance]) {
    if (!Array.isArray(values) && !ArrayBuffer.isView(values)) {
      refuseOption('The option batchNorm', '{ mean, variance } with an array each', values);
    }
  }
}

/** What could not even be looked at further on; sizes and values the engine checks. @throws LeapError `not-a-latent` */
export function checkLatent(latent: Latent): void {
  const whole =
    isObject(latent) && Array.isArray(latent.dims) && isObject(latent.data) && isObject(latent.provenance);
  if (!whole) {
    throw new LeapError(
      'not-a-latent',
      'Expected a latent, as read() gives it: { family, dims, data, provenance }.',
    );
  }
  checkOneOf('The family', latent.family, FAMILY_IDS);
}

/** @throws LeapError `bad-option` */
export function checkRunOptions(options: RunOptions<Output>): void {
  checkObject('The options', options);
  checkNames('The options of run', options, RUN);
  checkFlag('The option transfer', options.transfer);
  checkPictureOptions(options);
}

/** @throws LeapError `bad-option` */
export function checkUpscaleOptions(options: UpscaleOptions<Output>): void {
  checkObject('The options', options);
  checkNames('The options of upscale', options, UPSCALE);
  checkPictureOptions(options);
}

function checkPictureOptions(options: UpscaleOptions<Output>): void {
  checkNetworks(options);
  checkOneOf('The output', options.output, OUTPUTS);
  checkOneOf('The dtype', options.dtype, ['float32', 'float16']);
  checkOneOf('The check', options.check, ['tiles', 'end', 'never']);
  checkFlag('The option keepLatent', options.keepLatent);
  checkCallback('onTile', options.onTile);
  const { canvas, output = canvas ? 'canvas' : 'image' } = options;
  const drawn = output === 'image' || output === 'rgba' || output === 'canvas';
  if (options.onTile && !drawn) refuseOption('The output', '"image", "rgba" or "canvas" with onTile', output);
  if (canvas === undefined) return;
  if (output !== 'canvas') refuseOption('The output', '"canvas" with a canvas', output);
  if (!(typeof OffscreenCanvas !== 'undefined' && canvas instanceof OffscreenCanvas)) {
    refuseOption(
      'The canvas',
      'an OffscreenCanvas (of a canvas on the page: transferControlToOffscreen())',
      canvas,
    );
  }
}

/** @throws LeapError `bad-option` */
export function checkModelCheck(options: ModelCheck): void {
  checkObject('The options', options);
  checkNames('The options of checkModels', options, MODEL_CHECK);
  requireOneOf('The family', options.family, FAMILY_IDS);
  checkChoice(options);
  checkSignal(options.signal);
}

/** @throws LeapError `bad-option` */
export function checkWarmUp(options: WarmUpOptions): void {
  checkObject('The options', options);
  checkNames('The options of warmUp', options, WARM_UP);
  requireOneOf('The family', options.family, FAMILY_IDS);
  checkNetworks(options);
  requireWhole('The width', options.width, 1);
  requireWhole('The height', options.height, 1);
}

/** @throws LeapError `bad-option` */
export function checkWriteOptions(format: LatentFormat, options: WriteOptions): void {
  requireOneOf('The format', format, LATENT_FORMATS);
  checkObject('The options', options);
  checkNames('The options of write', options, WRITE);
  checkOneOf('The consumer', options.consumer, CONSUMERS);
  checkOneOf('The dtype', options.dtype, ['F32', 'F16', 'BF16']);
}

/** @throws LeapError `bad-option` */
export function checkId(id: string): void {
  requireText("The model's id", id);
}

/** @throws LeapError `bad-option` */
export function checkModelSource(
  source: Blob | string,
  kind: 'file' | 'file or address',
  wish?: ModelWish,
): void {
  const address = kind === 'file or address' && isText(source);
  if (!(source instanceof Blob) && !address) refuseOption('The model', `a ${kind}`, source);
  if (kind === 'file') return;
  checkObject('What is known about the model', wish);
  requireOneOf('The family', wish.family, FAMILY_IDS);
  checkOneOf('The kind', wish.kind, Object.keys(KIND_NAMES));
  checkName('The label', wish.label);
}

function checkChoice(choice: Omit<ModelCheck, 'family'>): void {
  const { scale, method, decoder, lua, passes, enlarger } = choice;
  // The engine checks that the sides of its latent stay whole.
  if (!isFactor(scale)) refuseOption('The scale', FACTORS_TAKEN, scale);
  checkOneOf('The method', method, METHODS);
  checkOneOf('The number of passes', passes, [1, 2]);
  checkText("The decoder's id", decoder);
  checkText("The latent upscaler's id", lua);
  checkText('The enlarger', enlarger);
}

function checkNetworks(options: UpscaleOptions<Output> | WarmUpOptions): void {
  checkChoice(options);
  checkWhole('The tile edge', options.tile, 1);
  checkLong(options);
}

function checkLong({ signal, onProgress }: ModelOptions): void {
  checkSignal(signal);
  checkCallback('onProgress', onProgress);
}

function checkName(what: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'string') refuseOption(what, 'a text', value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
