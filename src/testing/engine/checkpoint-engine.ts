import { defined } from '../../defined';
import type { Engine, EngineResult, EngineUpscaleOptions } from '../../engine/api';
import { openNodeRuntime } from '../../engine/device/node/open-node-runtime';
import { createEngine } from '../../engine/engine';
import { readTensorFile, toFloat32, writeSafetensors } from '../../formats';
import { recogniseCheckpoint } from '../../graph';
import { FAMILIES } from '../../latent';
import type { FamilyId, Latent } from '../../latent/types';
import type { CatalogEntry, ModelKind } from '../../weights/types';
import type { Shapes } from '../graph/network-shapes';
import { randomTensor } from '../graph/random-weights';
import { makeLatent, makeTestModels, testSource } from './test-models';
import { TestPicture } from './test-picture';

/** A catalogue entry as for a file of a hub. Everything about it is read from the tensors. */
export function entryOf(file: Uint8Array, id: string, kind: ModelKind, family: FamilyId): CatalogEntry {
  const { tensors, metadata } = readTensorFile(file);
  const { architecture, space, scales, askScale, scaleRange } = recogniseCheckpoint(tensors, metadata).find(
    (found) => found.kind === kind && found.families.includes(family),
  )!;
  return {
    id,
    kind,
    architecture,
    label: id,
    family,
    space,
    ...defined({ scales: scales ?? askScale, scaleRange }),
    files: [{ path: `https://hub.test/${id}`, bytes: file.length }],
    embedded: false,
    licence: 'Apache-2.0',
    source: 'made for a test',
    graphs: [],
  };
}

/** A safetensors file of random tensors. Only tensors with the wanted prefixes are in it. */
export function checkpoint(shapes: Shapes, keep: string[] = ['']): Uint8Array {
  const kept = Object.entries(shapes).filter(([name]) => keep.some((prefix) => name.startsWith(prefix)));
  return writeSafetensors(
    kept.map(([name, shape]) => ({
      name,
      shape,
      dtype: 'F32',
      bytes: new Uint8Array(randomTensor(name, shape).buffer),
    })),
    {},
  );
}

/** An engine on one thread of the processor, with small test models for each family and one checkpoint. */
export function openEngine(
  file: Uint8Array,
  entry: CatalogEntry,
  options: Partial<Parameters<typeof createEngine>[0]> = {},
): Promise<Engine> {
  const models = makeTestModels(['sd15', 'sdxl', 'flux1', 'flux2']);
  models.catalog.models.push(entry);
  models.files.set(entry.files[0]!.path, file);
  return createEngine({
    runtime: openNodeRuntime({ threads: 2 }),
    weights: testSource(models),
    backend: 'auto',
    precision: 'auto',
    ...options,
  });
}

/** A latent whose values in the space of the model are those of the tensor `input`. */
export function latentFor({ family, space }: CatalogEntry, height: number, width: number): Latent {
  const { scale, shift, channels } = FAMILIES[family];
  const values = randomTensor('input', [1, channels, height, width]);
  const data = space === 'decoder' ? values.map((value) => (value - shift) * scale) : values;
  return { ...makeLatent('sdxl', 1, 1), family, dims: [channels, height, width], data };
}

/** Upscales, or decodes, into a picture in memory. */
export async function upscaleToPicture(
  engine: Engine,
  latent: Latent,
  wish: Omit<EngineUpscaleOptions, 'openPicture'>,
): Promise<EngineResult & { picture: TestPicture }> {
  let picture: TestPicture | undefined;
  const result = await engine.upscale(latent, {
    ...wish,
    openPicture: (width, height) => {
      picture = new TestPicture(width, height);
      return picture;
    },
  });
  return { ...result, picture: picture! };
}

/** The largest difference, in levels of 255, between a picture and RGB planes in about [0, 1]. */
export function worstLevel(picture: TestPicture, rgb: Float32Array): number {
  const plane = picture.width * picture.height;
  let worst = 0;
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) {
      const level = Math.min(255, Math.max(0, 255 * rgb[c * plane + i]!));
      worst = Math.max(worst, Math.abs(picture.rgba[4 * i + c]! - level));
    }
  }
  return worst;
}

/** float32 tensors of a safetensors file, by name. */
export function readTensors(file: Uint8Array): Map<string, Float32Array> {
  return new Map(readTensorFile(file).tensors.map((tensor) => [tensor.name, toFloat32(tensor)]));
}
