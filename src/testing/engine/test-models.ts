import { defined } from '../../defined';
import { writeSafetensors } from '../../formats';
import type { LeapDecoderConfig, LeapEncoderConfig, LuaConfig } from '../../graph/types';
import { FAMILIES } from '../../latent/families';
import { makeProvenance } from '../../latent/make-provenance';
import type { FamilyId, Latent } from '../../latent/types';
import type { Architecture, Catalog, CatalogEntry, ModelKind, WeightsSource } from '../../weights/types';
import { digestOf } from '../digest-of';
import { klShapes, narrowKl } from '../graph/kl-shapes';
import {
  leapDecoderShapes,
  leapEncoderShapes,
  luaShapes,
  type Shapes,
  SMALL_LUA,
  taesdShapes,
} from '../graph/network-shapes';
import { randomTensor } from '../graph/random-weights';

/** Small random models for tests: a catalogue, and the bytes of its files. */
export interface TestModels {
  catalog: Catalog;
  files: Map<string, Uint8Array>;
}

export function makeTestModels(families: FamilyId[] = ['sdxl', 'flux1']): TestModels {
  const files = new Map<string, Uint8Array>();
  const models = families.flatMap((family) => {
    const { channels } = FAMILIES[family];
    return [
      makeEntry(files, family, 'lua', 'lua', luaShapes(luaConfig(channels)), luaConfig(channels)),
      makeEntry(
        files,
        family,
        'encoder',
        'leap-encoder',
        leapEncoderShapes(encoderConfig(channels)),
        encoderConfig(channels),
      ),
      makeEntry(
        files,
        family,
        'decoder',
        'leap-decoder',
        leapDecoderShapes(decoderConfig(channels)),
        decoderConfig(channels),
      ),
    ];
  });
  return { catalog: { version: 1, models }, files };
}

/**
 * A tiny decoder or encoder whose blocks at the latent's resolution pool statistics of the whole, as TAEF2's do:
 * `decoder-pooled-flux2`, `encoder-pooled-flux2`.
 */
export function makePooled(part: 'decoder' | 'encoder'): TestModels {
  const files = new Map<string, Uint8Array>();
  const shapes = taesdShapes(part, FAMILIES.flux2.channels, true);
  const entry = makeEntry(files, 'flux2', part, `taesd-${part}`, shapes, undefined);
  return { catalog: { version: 1, models: [{ ...entry, id: `${part}-pooled-flux2` }] }, files };
}

/**
 * Adds a full decoder in SDXL's layout, as narrow as its 32 groups allow and with one resnet a level, for software
 * adapters that take seconds per layer: `decoder-full-sdxl`, in decoder space.
 */
export function addFullDecoder({ catalog, files }: TestModels): TestModels {
  const kept = Object.entries(klShapes(narrowKl())).filter(
    ([name]) => /^(decoder|post_quant)/.test(name) && !/up_blocks.*resnets\.[12]/.test(name),
  );
  const shapes = Object.fromEntries(kept);
  const added = new Map<string, Uint8Array>();
  const entry = makeEntry(added, 'sdxl', 'decoder', 'kl-decoder', shapes, undefined);
  const path = 'decoder-full.sdxl.safetensors';
  const [bytes] = [...added.values()];
  files.set(path, bytes!);
  const file = { ...entry.files[0]!, path };
  catalog.models.push({ ...entry, id: 'decoder-full-sdxl', space: 'decoder', files: [file] });
  return { catalog, files };
}

/** A source that gives the models directly from memory. */
export function testSource({ catalog, files }: TestModels): WeightsSource {
  return {
    catalog,
    load: async (entry) => new Map(entry.files.map(({ path }) => [path, files.get(path)!])),
    version: () => 'test',
    status: async () => [],
    clearCache: async () => {},
  };
}

/** A latent with irregular values of about the usual size. */
export function makeLatent(family: FamilyId, height: number, width: number): Latent {
  const { channels } = FAMILIES[family];
  const dims: Latent['dims'] = [channels, height, width];
  return {
    family,
    dims,
    data: randomTensor('input', dims),
    provenance: makeProvenance({ name: 'test', writer: 'test', tensor: 'latent', shape: dims }),
  };
}

function luaConfig(channels: number): LuaConfig {
  return {
    ...SMALL_LUA,
    in_chans: channels,
    embed_dim: 16,
    head_width: 8,
    skip: 'bicubic',
    residual_bound: 1,
  };
}

function decoderConfig(channels: number): LeapDecoderConfig {
  return {
    kind: 'decoder',
    channels,
    widths: [8, 8, 8],
    blocks: [1, 1, 1],
    clamp: 3,
    toned: channels === 32,
  };
}

/** Of a test model's encoder; its tensors have values that their names define. */
export function encoderConfig(channels: number): LeapEncoderConfig {
  return { kind: 'encoder', channels, widths: [8, 8, 8], blocks: [1, 1, 1], toned: channels === 32 };
}

function makeEntry(
  files: Map<string, Uint8Array>,
  family: FamilyId,
  kind: ModelKind,
  architecture: Architecture,
  shapes: Shapes,
  config: LuaConfig | LeapDecoderConfig | LeapEncoderConfig | undefined,
): CatalogEntry {
  const tensors = Object.entries(shapes).map(([name, shape]) => ({
    name,
    shape,
    dtype: 'F32' as const,
    bytes: new Uint8Array(randomTensor(name, shape).buffer),
  }));
  const path = `${kind}-test.${family}.safetensors`;
  const bytes = writeSafetensors(
    tensors,
    config ? { latent_leap: JSON.stringify({ kind, family, config }) } : {},
  );
  files.set(path, bytes);
  return {
    id: `${kind}-test-${family}`,
    kind,
    architecture,
    label: `Random ${kind}`,
    family,
    space: 'model',
    ...defined({ scales: kind === 'lua' ? [2, 4] : undefined }),
    files: [{ path, bytes: bytes.length, sha256: digestOf(bytes) }],
    embedded: true,
    licence: 'Apache-2.0',
    source: 'made for a test',
    graphs: [],
  };
}
