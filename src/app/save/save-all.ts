import { Zip, ZipPassThrough } from 'fflate';
import type { SideId } from '../state/choice';
import { currentRun, finishedOutcome, type Item, type Outcome } from '../state/item';
import { makeUnique, nameResult } from './name-result';
import { PICTURE_FORMATS, type PictureOptions, toPictureBlob } from './picture-blob';
import { saveFile } from './save-file';

/** Where many files go, one after the other. */
interface Target {
  add(stem: string, ending: string, blob: Blob): Promise<void>;
  close(): Promise<void> | void;
}

/** The items with a finished picture on the side, in the order of the queue. */
export function findFinished(items: readonly Item[], side: SideId): Item[] {
  return items.filter((item) => outcomeOf(item, side));
}

function outcomeOf(item: Item, side: SideId): Outcome | undefined {
  return finishedOutcome(currentRun(item)[side]);
}

/**
 * Saves a side's pictures: into a folder that the person chooses, where the browser has that, else as one zip. Each is
 * taken as it is when its turn comes; what is gone by then is left out.
 * @param onSaved is told how many are done
 * @returns what was saved to, and how many pictures; undefined when the person chose no folder
 * @throws LeapError of {@link toPictureBlob}, and what the file system throws
 */
export async function saveAll(
  items: readonly Item[],
  side: SideId,
  options: PictureOptions,
  onSaved: (count: number) => void,
): Promise<{ name: string; count: number } | undefined> {
  const picked = await pickTarget();
  if (!picked) return undefined;
  const { ending } = PICTURE_FORMATS[options.format];
  let count = 0;
  for (const item of items) {
    const outcome = outcomeOf(item, side);
    if (!outcome) continue;
    // What no canvas holds is a PNG, whatever the rest is.
    const own = outcome.png ? { ...options, format: 'png' as const } : options;
    const blob = await toPictureBlob(outcome, own);
    await picked.target.add(nameResult(item, outcome), outcome.png ? 'png' : ending, blob);
    onSaved(++count);
  }
  await picked.target.close();
  return { name: picked.name, count };
}

async function pickTarget(): Promise<{ name: string; target: Target } | undefined> {
  if (!window.showDirectoryPicker) return { name: ZIP_NAME, target: openZip() };
  try {
    const folder = await window.showDirectoryPicker({ id: 'latent-leap', mode: 'readwrite' });
    return { name: folder.name || 'the folder', target: openFolder(folder) };
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') return undefined;
    throw thrown;
  }
}

/** Files that are there already are kept. */
function openFolder(folder: FileSystemDirectoryHandle): Target {
  const listed = (async () => {
    const taken = new Set<string>();
    for await (const name of folder.keys()) taken.add(name.toLowerCase());
    return taken;
  })();
  return {
    add: async (stem, ending, blob) => {
      const name = makeUnique(stem, ending, await listed);
      const file = await folder.getFileHandle(name, { create: true });
      const stream = await file.createWritable();
      try {
        await stream.write(blob);
        await stream.close();
      } catch (thrown) {
        // Nobody wants an empty file, and the reason is what has to be told.
        await stream.abort().catch(() => {});
        await folder.removeEntry(name).catch(() => {});
        throw thrown;
      }
    },
    close: () => {},
  };
}

const ZIP_NAME = 'latent-leap.zip';

/** Pictures are compressed already: the zip only holds them together. */
function openZip(): Target {
  const parts: BlobPart[] = [];
  const taken = new Set<string>();
  const zip = new Zip((error, bytes) => {
    if (error) throw error;
    parts.push(new Uint8Array(bytes));
  });
  return {
    add: async (stem, ending, blob) => {
      const entry = new ZipPassThrough(makeUnique(stem, ending, taken));
      zip.add(entry);
      entry.push(new Uint8Array(await blob.arrayBuffer()), true);
    },
    close: () => {
      zip.end();
      saveFile(ZIP_NAME, new Blob(parts, { type: 'application/zip' }));
    },
  };
}

declare global {
  interface Window {
    /** Chromium has it; the others do not. */
    showDirectoryPicker?(options: {
      id: string;
      mode: 'readwrite';
    }): Promise<FileSystemDirectoryHandle & { keys(): AsyncIterable<string> }>;
  }
}
