import { defined } from '../../defined';
import { FAMILIES } from '../families';
import type { Writer } from '../recognise/claims';
import type { FamilyId, Layout, Space } from '../types';

/** Key of safetensors metadata; its value is a {@link LatentMark} as JSON. */
export const MARK_KEY = 'latent_leap';

/** What Latent Leap writes into its own files. */
export interface LatentMark {
  kind: 'latent';
  family: FamilyId;
  space: Space;
  layout: Layout;
  /** In latent positions. */
  height: number;
  width: number;
  history: string[];
}

/** Files of Latent Leap itself say everything. */
export const latentLeap: Writer = (file) => {
  const mark = readMark(file.metadata);
  const tensor = file.tensors.find(({ bytes }) => bytes.length > 0);
  if (!mark || !tensor) return undefined;
  const reason = 'Latent Leap wrote it into the file.';
  return {
    writer: 'Latent Leap',
    tensor,
    others: [],
    preScale: 1,
    family: { value: mark.family, confidence: 1, reason },
    space: (family) => (family === mark.family ? { value: mark.space, confidence: 1, reason } : undefined),
    layout: mark.layout,
    ...defined({ size: mark.layout === 'packed' ? { height: mark.height, width: mark.width } : undefined }),
    history: mark.history,
  };
};

function readMark(metadata: Readonly<Record<string, string>>): LatentMark | undefined {
  try {
    const mark = JSON.parse(metadata[MARK_KEY] ?? 'null') as Partial<LatentMark> | null;
    return isMark(mark) ? mark : undefined;
  } catch {
    return undefined;
  }
}

function isMark(mark: Partial<LatentMark> | null): mark is LatentMark {
  return (
    mark?.kind === 'latent' &&
    typeof mark.family === 'string' &&
    Object.hasOwn(FAMILIES, mark.family) &&
    (mark.space === 'model' || mark.space === 'decoder') &&
    (mark.layout === 'unpacked' || mark.layout === 'packed' || mark.layout === 'patchified') &&
    Number.isSafeInteger(mark.height) &&
    Number.isSafeInteger(mark.width) &&
    Array.isArray(mark.history) &&
    mark.history.every((step) => typeof step === 'string')
  );
}
