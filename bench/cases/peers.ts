import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import hubModels from '../../scripts/models/hub-models.json' with { type: 'json' };
import type { BenchOptions } from '../parse-options';
import { findSpan } from './find-span';

/** What is measured beside our own networks, if it is there. */
export interface Peers {
  /** Scale -> ONNX file of SPAN. */
  span: ReadonlyMap<number, Uint8Array>;
  /** TAESD's decoder of the family, as published. */
  taesd: Uint8Array | undefined;
  /** Folder whose node_modules hold UpscalerJS. */
  upscalerjs: string | undefined;
}

/** They take 460 MB with their dependencies, too much for everybody who installs this project. */
const UPSCALERJS = [
  'upscaler@1.0.0',
  '@upscalerjs/esrgan-medium@1.0.0',
  '@upscalerjs/esrgan-thick@1.0.0',
  '@tensorflow/tfjs@4.11.0',
  '@tensorflow/tfjs-backend-wasm@4.11.0',
  '@tensorflow/tfjs-backend-webgpu@4.11.0',
];

/** Looks for them where the options say. Prints what is left out, and how to get it. */
export async function findPeers(options: BenchOptions): Promise<Peers> {
  if (options.decoders !== undefined) {
    return { span: new Map(), upscalerjs: undefined, taesd: await findTaesd(options) };
  }
  const span = await findSpan(options.span, options.scales);
  const missing = options.scales.filter((scale) => !span.has(scale));
  if (missing.length) console.log(`SPAN is skipped at x${missing.join(', x')}: give its ONNX with --span.`);
  return { span, taesd: undefined, upscalerjs: findUpscalerjs(options) };
}

async function findTaesd({ decoders = '', family }: BenchOptions): Promise<Uint8Array | undefined> {
  const entry = hubModels.find((one) => one.architecture === 'taesd-decoder' && one.family === family);
  if (!entry) {
    console.log(`TAESD is skipped: scripts/models/hub-models.json has no decoder of it for ${family}.`);
    return undefined;
  }
  // As its release names them.
  const paths = ['safetensors', 'pth'].map((ending) => join(decoders, `${entry.id}_decoder.${ending}`));
  const path = paths.find((one) => existsSync(one));
  if (path !== undefined) return readFile(path);
  console.log(`TAESD is skipped: there is no ${paths.join(' or ')}.`);
  return undefined;
}

function findUpscalerjs({ upscalerjs, node }: BenchOptions): string | undefined {
  if (node) {
    console.log('UpscalerJS is skipped: it is measured in the browser.');
    return undefined;
  }
  if (upscalerjs !== undefined && existsSync(join(upscalerjs, 'node_modules', 'upscaler'))) return upscalerjs;
  const folder = upscalerjs ?? '/tmp/upscalerjs';
  console.log(
    `UpscalerJS is skipped. To have it measured: npm install --prefix ${folder} --ignore-scripts ` +
      `${UPSCALERJS.join(' ')}, then --upscalerjs ${folder}.`,
  );
  return undefined;
}
