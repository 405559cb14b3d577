import { defined } from '../../defined';
import { isCommit, parseHubAddress } from '../download/hub-address';
import { fileKey, isStoredWhole } from '../store/file-key';
import type { HubRecord } from '../store/model-notes';
import type { CatalogEntry, CatalogFile, ModelStatus } from '../types';

/** What is known on this machine. */
export interface MachineState {
  /** Stored bytes by key. */
  sizes: ReadonlyMap<string, number>;
  /** By file key. */
  records: ReadonlyMap<string, HubRecord>;
  /** Ids. */
  pins: ReadonlySet<string>;
  added: ReadonlyMap<string, CatalogEntry>;
}

export function describeModel(entry: CatalogEntry, state: MachineState): ModelStatus {
  const { files, graphs: _, ...rest } = entry;
  const parts = files.map((file) => describeFile(file, state));
  const revision = parts.map((part) => part.revision).find((one) => one !== undefined);
  return {
    ...rest,
    custom: state.added.has(entry.id),
    pinned: state.pins.has(entry.id),
    ...defined({ revision }),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    cachedBytes: parts.reduce((sum, { cached }) => sum + (cached ?? 0), 0),
    complete: parts.every(({ cached }) => cached !== undefined),
  };
}

function describeFile(file: CatalogFile, { sizes, records }: MachineState) {
  const record = records.get(fileKey(file));
  const cached = sizes.get(isStoredWhole(file) ? file.sha256 : (record?.digest ?? ''));
  const pinned = parseHubAddress(file.path)?.revision;
  return {
    cached,
    bytes: cached ?? file.bytes,
    revision:
      (cached === undefined ? undefined : record?.revision) ??
      (pinned && isCommit(pinned) ? pinned : undefined),
  };
}
