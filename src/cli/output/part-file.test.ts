import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeLatent } from '../../latent';
import { makeLatent, makeTestModels } from '../../testing/engine/test-models';
import { PartFile, writeWhole } from './part-file';
import { PngFile } from './png-file';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latent-leap-'));
});

afterEach(() => rm(folder, { recursive: true }));

const grey = (level: number) => new Uint8ClampedArray(8 * 8 * 4).fill(level);

describe('PartFile', () => {
  it('has a name of its process until it is kept', async () => {
    const file = new PartFile(join(folder, 'a'));
    await writeFile(file.path, 'whole');
    expect(await readdir(folder)).toEqual([`a.${process.pid}.part`]);
    await file.keep();
    expect(await readdir(folder)).toEqual(['a']);
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('whole');
  });

  it('does not write through a link in its place', async () => {
    await writeFile(join(folder, 'victim'), 'mine');
    await symlink(join(folder, 'victim'), join(folder, `a.${process.pid}.part`));
    await writeWhole(join(folder, 'a'), new TextEncoder().encode('whole'));
    expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('mine');
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('whole');
  });

  it('leaves an older file of the name alone when it is discarded', async () => {
    await writeFile(join(folder, 'a'), 'older');
    const file = new PartFile(join(folder, 'a'));
    await writeFile(file.path, 'half');
    await file.discard();
    expect(await readdir(folder)).toEqual(['a']);
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('older');
  });

  it('listens to signals only while a file is under way', async () => {
    const before = process.listenerCount('SIGINT');
    const files = [new PartFile(join(folder, 'a')), new PartFile(join(folder, 'b'))];
    expect(process.listenerCount('SIGINT')).toBe(before + 1);
    await files[0]!.discard();
    // The second would be left behind by an interrupt that nobody hears.
    expect(process.listenerCount('SIGINT')).toBe(before + 1);
    await files[1]!.discard();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

describe('writeWhole', () => {
  it('leaves nothing where the file cannot have its name', async () => {
    await mkdir(join(folder, 'a'));
    await expect(writeWhole(join(folder, 'a'), new Uint8Array(9))).rejects.toThrow(/EISDIR|EPERM/);
    expect(await readdir(folder)).toEqual(['a']);
  });
});

describe('PngFile', () => {
  it('starts anew under the same name once it was discarded', async () => {
    const whole = async (name: string) => {
      const file = new PngFile(join(folder, name), 8, 8);
      file.put(0, 0, 8, 8, grey(9));
      await file.finish();
      await file.keep();
      return readFile(join(folder, name));
    };
    const rejected = new PngFile(join(folder, 'a.png'), 8, 8);
    rejected.put(0, 0, 8, 8, grey(200));
    await rejected.discard();
    expect(await readdir(folder)).toEqual([]);
    expect(await whole('a.png')).toEqual(await whole('b.png'));
    expect((await readdir(folder)).sort()).toEqual(['a.png', 'b.png']);
  });
});

// Windows ends a process without asking it.
describe.skipIf(process.platform === 'win32')('a command that is interrupted', () => {
  let command: ChildProcess;

  afterEach(() => void command.kill('SIGKILL'));

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    'by %s ends by it, and leaves no half file',
    async (signal) => {
      const { catalog, files } = makeTestModels(['sdxl']);
      await writeFile(join(folder, 'catalog.json'), JSON.stringify(catalog));
      for (const [path, bytes] of files) await writeFile(join(folder, path), bytes);
      const latent = join(folder, 'cat.safetensors');
      await writeFile(latent, writeLatent(makeLatent('sdxl', 64, 64), 'safetensors'));
      const out = join(folder, 'out');
      const args = ['upscale', latent, '--family', 'sdxl', '--models', folder, '--out', out];
      const cli = fileURLToPath(new URL('../cli.ts', import.meta.url));
      // So many tiles that the command is still at it when the signal comes.
      command = fork(cli, [...args, '--scale', '4', '--tile', '16'], { execArgv: ['--import', 'tsx'] });
      const ended = once(command, 'exit');
      const written = () => readdir(out).catch(() => []);
      await expect.poll(written, { timeout: 40_000 }).toEqual([`cat-lua-x4.png.${command.pid}.part`]);
      command.kill(signal);
      expect(await ended).toEqual([null, signal]);
      expect(await written()).toEqual([]);
    },
  );
});
