import { expect, it } from 'vitest';
import { CONTAINER_ENDINGS } from '../../formats/containers';
import { readDrop } from './read-drop';

/** A folder as a browser gives it: listed in pieces, until one is empty. */
function folderOf(name: string, children: readonly FileSystemEntry[]): FileSystemEntry {
  const createReader = () => {
    const pieces = [children.slice(0, 2), children.slice(2), []].filter(
      ({ length }, at) => length || at === 2,
    );
    return { readEntries: (take: (some: readonly FileSystemEntry[]) => void) => take(pieces.shift()!) };
  };
  return { name, isDirectory: true, createReader } as unknown as FileSystemEntry;
}

function fileOf(name: string): FileSystemEntry {
  const file = (take: (one: File) => void) => take(new File([], name));
  return { name, isDirectory: false, file } as unknown as FileSystemEntry;
}

function dropOf(...entries: FileSystemEntry[]): DataTransfer {
  const items = entries.map((entry) => ({
    kind: 'file',
    webkitGetAsEntry: () => entry,
    getAsFile: () => new File([], entry.name),
  }));
  return { items } as unknown as DataTransfer;
}

it('takes the files of a folder that may be latents, models or pictures, in the order of their names', async () => {
  const inner = folderOf('b', [fileOf('x.LATENT'), fileOf('.hidden.npy')]);
  const folder = folderOf('all', [
    fileOf('c10.png'),
    fileOf('notes.txt'),
    fileOf('c9.onnx'),
    inner,
    fileOf('latent'),
  ]);
  const { files, left } = await readDrop(dropOf(folder));
  expect(files.map(({ name }) => name)).toEqual(['x.LATENT', 'c9.onnx', 'c10.png']);
  expect(left).toEqual(['latent', 'notes.txt']);
});

it('takes every ending of a container', async () => {
  const names = CONTAINER_ENDINGS.map((ending) => `a${ending}`);
  const { files, left } = await readDrop(dropOf(folderOf('all', names.map(fileOf))));
  expect(files.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  expect(left).toEqual([]);
});

it('takes a file that is dropped alone, whatever its name', async () => {
  const { files } = await readDrop(dropOf(fileOf('Tensor_140-f1d0')));
  expect(files.map(({ name }) => name)).toEqual(['Tensor_140-f1d0']);
});
