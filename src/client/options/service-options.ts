import { defined } from '../../defined';
import { LeapError } from '../../errors';
import type { ServiceOptions } from '../protocol';
import type { CreateOptions, FamilyModels } from './create-options';
import { findBase } from './find-base';

/** What differs between the workers of one upscaler. */
export interface LinkOptions {
  /** The share of the default memory to use, less after memory ran out; default 1. */
  memoryShare?: number;
  /** Another worker can take over; default false. */
  renewable?: boolean;
}

/** What a service is opened with. @throws LeapError `bad-option` */
export function toServiceOptions(
  options: CreateOptions,
  { memoryShare = 1, renewable = false }: LinkOptions = {},
): ServiceOptions {
  const { backend = 'auto', precision = 'auto', memory = {}, modelHosts = [], runtime = {} } = options;
  return {
    ...chooseCatalog(options.models),
    backend,
    precision,
    memory,
    memoryShare,
    modelHosts,
    renewable,
    runtime: typeof runtime.wasm === 'string' ? { ...runtime, wasm: findFile(runtime.wasm) } : runtime,
    ...defined({ store: options.store?.name }),
  };
}

/** A folder's catalogue, or one made of the families that a bundler carries. */
function chooseCatalog(models: CreateOptions['models']): Pick<ServiceOptions, 'catalogUrl' | 'catalog'> {
  if (models === undefined || typeof models === 'string') return { catalogUrl: findCatalog(models) };
  const families = [models].flat() as FamilyModels[];
  const address = (path: string, { files }: FamilyModels) => findFile(files[path] ?? path);
  const entries = families.flatMap((family) =>
    family.models.map((model) => ({
      ...model,
      files: model.files.map((file) => ({ ...file, path: address(file.path, family) })),
    })),
  );
  // On disk a catalogue may only name what lies beside it.
  const onDisk = entries.flatMap(({ files }) => files).find(({ path }) => path.startsWith('file:'));
  const catalogUrl = onDisk ? new URL('catalog.json', onDisk.path).href : findCatalog();
  return { catalogUrl, catalog: JSON.stringify({ version: 1, models: entries }) };
}

/** @param folder of the models, with or without its last slash */
function findCatalog(folder = 'models/'): string {
  try {
    return new URL('catalog.json', new URL(folder.replace(/[^/]$/, '$&/'), findBase())).href;
  } catch (cause) {
    throw new LeapError('bad-option', `${folder} is not the address of a folder with models.`, {}, { cause });
  }
}

function findFile(address: string): string {
  try {
    return new URL(address, findBase()).href;
  } catch (cause) {
    throw new LeapError('bad-option', `${address} is not the address of a file.`, {}, { cause });
  }
}
