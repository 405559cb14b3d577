import { CONTAINER_ENDINGS } from '../../formats/containers';

/**
 * Endings of files in a folder that are worth opening: tensors, models and pictures. A file that is dropped alone is
 * opened whatever its name.
 */
const ENDINGS = [...CONTAINER_ENDINGS, '.onnx', '.png', '.jpg', '.jpeg', '.webp', '.avif'];
/** A folder of thousands is most likely not meant. */
const MAX_FILES = 500;

/** What came with a drop or a paste. */
export interface Drop {
  files: File[];
  /** Names of files in folders that were left out. */
  left: string[];
}

/**
 * The files of a drop, those in its folders included, in the order of their names. Call it in the event itself: its
 * data is gone afterwards.
 */
export async function readDrop(data: DataTransfer): Promise<Drop> {
  const sources = [...data.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => {
      const entry = item.webkitGetAsEntry?.();
      return entry?.isDirectory ? (entry as FileSystemDirectoryEntry) : item.getAsFile();
    });
  const drop: Drop = { files: [], left: [] };
  for (const source of sources) {
    if (source instanceof File) drop.files.push(source);
    else if (source) await readFolder(source, drop);
  }
  return drop;
}

async function readFolder(folder: FileSystemDirectoryEntry, drop: Drop): Promise<void> {
  const entries = await listFolder(folder);
  entries.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory) await readFolder(entry as FileSystemDirectoryEntry, drop);
    else if (isWorthOpening(entry.name) && drop.files.length < MAX_FILES) {
      const file = await openFile(entry as FileSystemFileEntry).catch(() => undefined);
      if (file) drop.files.push(file);
      else drop.left.push(entry.name);
    } else drop.left.push(entry.name);
  }
}

function isWorthOpening(name: string): boolean {
  const lower = name.toLowerCase();
  return ENDINGS.some((ending) => lower.endsWith(ending));
}

/** A folder is listed in pieces, until one is empty. One that cannot be read is taken as empty. */
async function listFolder(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (!some.length) return all;
    all.push(...some);
  }
}

function openFile(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
