/**
 * The grammar of the store's keys:
 *
 * | key | what lies there |
 * |---|---|
 * | `DIGEST` | a weights file, under the sha256 of its bytes |
 * | `part-DIGEST`, `part-DIGEST-N` | a download that was broken off: its note, and its Nth batch of tensors; the digest is that of the file's key |
 * | `record-DIGEST` | a note: what was made of a hub's file; the digest is that of the file's key |
 * | `pin-ID`, `added-ID` | notes: a model is pinned, a model was added; the id is percent-encoded |
 * | `catalog-DIGEST` | a note: the last catalogue that was understood; the digest is that of its address |
 */
export type NoteKind = 'record' | 'pin' | 'added' | 'catalog';

const DIGEST = '[0-9a-f]{64}';
const NOTE = /^(record|pin|added|catalog)-[\w.%~!*'()-]+$/;
const KEY = new RegExp(`^(${DIGEST}|part-${DIGEST}(-\\d+)?)$`);

/** Ids of added models begin so. */
export const ADDED_ID = 'custom-';

/** @param name a digest, or the id of a model */
export function noteKey(kind: NoteKind, name: string): string {
  return `${kind}-${encodeURIComponent(name)}`;
}

/** @returns undefined for keys of weights */
export function noteKindOf(key: string): NoteKind | undefined {
  return NOTE.exec(key)?.[1] as NoteKind | undefined;
}

/** The name that {@link noteKey} made a key of. */
export function noteNameOf(key: string): string {
  return decodeURIComponent(key.slice(key.indexOf('-') + 1));
}

/** @param batch of tensors; absent: the note about all of them */
export function partKey(digest: string, batch?: number): string {
  return batch === undefined ? `part-${digest}` : `part-${digest}-${batch}`;
}

export function isPartOf(key: string, digest: string): boolean {
  return key === partKey(digest) || key.startsWith(`${partKey(digest)}-`);
}

/** Whether a key is one of these; a folder on disk may hold other files too. */
export function isStoreKey(key: string): boolean {
  return KEY.test(key) || noteKindOf(key) !== undefined;
}
