import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NamedTensor } from '../formats';
import { writeSafetensors } from '../formats';
import { writeLatent } from '../latent';
import { makeLatent } from '../testing/engine/test-models';
import { taesdShapes } from '../testing/graph/network-shapes';
import { runCli } from '../testing/run-cli';
import type { Inspection } from './inspect/inspect-file';
import { EXIT } from './run-command';

let folder: string;
const path = (name: string) => join(folder, name);

function toTensor(name: string, shape: number[]): NamedTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return { name, dtype: 'F32', shape, bytes: new Uint8Array(count * 4) };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latent-leap-'));
  await writeFile(path('own.safetensors'), writeLatent(makeLatent('sdxl', 8, 12), 'safetensors'));
  await writeFile(path('bare.npy'), writeLatent(makeLatent('sdxl', 8, 12), 'npy'));
  const shapes = Object.entries(taesdShapes('decoder', 16, false));
  const model = writeSafetensors(shapes.map(([name, shape]) => toTensor(name, shape)));
  await writeFile(path('model.safetensors'), model);
  await writeFile(
    path('esrgan.safetensors'),
    writeSafetensors([toTensor('body.0.rdb1.conv1.weight', [4, 4, 3, 3])]),
  );
  await writeFile(
    path('pointer.safetensors'),
    'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
  );
});

afterAll(() => rm(folder, { recursive: true }));

async function inspect(...args: string[]): Promise<{ code: number; found: Inspection[] }> {
  const { code, out } = await runCli('inspect', '--json', ...args);
  return { code, found: out.map((line) => JSON.parse(line) as Inspection) };
}

describe('inspect --json', () => {
  it('is an object a line, of files that are read and of those that are refused', async () => {
    const files = [
      'own.safetensors',
      'bare.npy',
      'model.safetensors',
      'esrgan.safetensors',
      'pointer.safetensors',
      'none',
    ];
    const { code, found } = await inspect(...files.map(path));
    expect(code).toBe(EXIT.someFailed);
    expect(found.map(({ file }) => file)).toEqual(files.map(path));
    const [own, bare, model, esrgan, pointer, none] = found as [
      Inspection,
      Inspection,
      Inspection,
      Inspection,
      Inspection,
      Inspection,
    ];
    expect(own.latents).toMatchObject([{ family: 'sdxl', space: 'model', dims: [4, 8, 12] }]);
    const family = bare.latents[0]!.guesses.find(({ what }) => what === 'family')!;
    expect(family.confidence).toBeLessThan(1);
    expect(family.alternatives.length).toBeGreaterThan(0);
    expect(model).toMatchObject({
      latents: [],
      models: [{ architecture: 'taesd-decoder', kind: 'decoder', families: ['sd3', 'flux1'] }],
    });
    expect(model.error).toBeUndefined();
    expect(esrgan.error).toMatchObject({ code: 'not-a-latent', message: expect.stringContaining('ESRGAN') });
    expect(pointer.error).toMatchObject({
      code: 'unknown-format',
      message: expect.stringContaining('Git LFS'),
    });
    expect(none.error).toMatchObject({ code: 'file-refused', message: expect.stringContaining('ENOENT') });
  });

  it('names the network of a checkpoint whose buffers have the shape of a latent', async () => {
    const authors = fileURLToPath(new URL('../engine/__fixtures__/lua-authors.pth', import.meta.url));
    const { code, found } = await inspect(authors);
    expect(code).toBe(EXIT.done);
    expect(found[0]).toMatchObject({ latents: [], models: [{ kind: 'lua' }] });
  });

  it.each([
    ['lora_unet_down.hada_w1_a', 'a LoHa'],
    ['lora_unet_down.lokr_w2', 'a LoKr'],
    ['lora_unet_down.oft_blocks', 'an OFT'],
    ['lora_unet_down.lora_down.weight', 'a LoRA'],
  ])('says of a file with %s that it looks like %s', async (name, what) => {
    await writeFile(path('adapter.safetensors'), writeSafetensors([toTensor(name, [4, 16, 16])]));
    const { found } = await inspect(path('adapter.safetensors'));
    expect(found[0]!.error).toMatchObject({ code: 'not-a-latent', message: expect.stringContaining(what) });
  });

  it('says of a checkpoint without its VAE what to do', async () => {
    const tensors = [toTensor('conditioner.embedders.1.model.logit_scale', [1])];
    await writeFile(path('unet.safetensors'), writeSafetensors(tensors));
    const { found } = await inspect(path('unet.safetensors'));
    expect(found[0]!.error!.message).toMatch(
      /^This looks like an SDXL checkpoint without its VAE, not like a latent\. Add the VAE as a file of its own\. --decoder/,
    );
  });

  it('takes the hints', async () => {
    const { code, found } = await inspect(
      path('bare.npy'),
      '--family',
      'sd15',
      '--space',
      'decoder',
      '--item',
      '1',
    );
    expect(code).toBe(EXIT.done);
    // Counted as the option counts.
    expect(found[0]!.latents).toMatchObject([{ family: 'sd15', space: 'decoder', item: 1 }]);
  });
});

describe('inspect', () => {
  it('is a table with the guesses beneath', async () => {
    const { out } = await runCli(
      'inspect',
      path('bare.npy'),
      path('own.safetensors'),
      path('none'),
      path('model.safetensors'),
    );
    const rows = out.filter((line) => !line.startsWith('  '));
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['file', 'family', 'space', 'size', 'writer', 'tensor'],
      [path('bare.npy'), expect.stringMatching(/^sd(15|xl)$/), expect.any(String), '12x8', '-', '-'],
      [path('own.safetensors'), 'sdxl', 'model', '12x8', 'Latent Leap', 'latents'],
      [path('none'), expect.stringMatching(/ENOENT.*\[file-refused\]$/)],
      [path('model.safetensors'), 'model, taesd-decoder for sd3 or flux1'],
    ]);
    const [headings, ...latents] = rows.slice(0, 3);
    for (const column of [/family|sd(15|xl)/, / (size|12x8)/, / (writer|-|Latent Leap)/]) {
      const at = headings!.search(column);
      for (const row of latents) expect(row.search(column)).toBe(at);
    }
    expect(out.slice(1, 3)).toEqual([expect.stringContaining('bare.npy'), expect.stringMatching(/^ {2}\S/)]);
    expect(out.join('\n')).toMatch(/family sd\w+: \d+ %\. The shape fits several families/);
    expect(out.join('\n')).toMatch(
      /Otherwise: --family sd\w+\. It may also be of a family that is not supported: .*Playground/,
    );
  });

  it('reads neither folders nor devices and pipes', async () => {
    await symlink('/dev/zero', path('endless'));
    execFileSync('mkfifo', [path('pipe')]);
    const { out, code } = await runCli('inspect', folder, path('endless'), path('pipe'));
    expect(code).toBe(EXIT.someFailed);
    expect(out[0]).toContain('It is a folder, not a file. [file-refused]');
    for (const line of out.slice(1))
      expect(line).toContain('It is a device or a pipe, not a file. [file-refused]');
    expect(out).toHaveLength(3);
  });

  it('keeps the control characters of a name from the terminal', async () => {
    await writeFile(path('a\u001b[2Jb.npy'), 'x');
    const { out } = await runCli('inspect', path('a\u001b[2Jb.npy'));
    expect(out[0]).toContain('a\ufffd[2Jb.npy');
    const json = await runCli('inspect', '--json', path('a\u001b[2Jb.npy'), path('\u009bno\u202ene'));
    for (const control of ['\u001b', '\u009b', '\u202e']) expect(json.out.join()).not.toContain(control);
    expect((JSON.parse(json.out[1]!) as Inspection).file).toBe(path('\u009bno\u202ene'));
  });
});
