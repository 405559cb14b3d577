import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Report } from '../client/types';
import type { Engine } from '../engine/types';
import { readTensorFile } from '../formats';
import { readLatents, writeLatent } from '../latent';
import type { Latent } from '../latent/types';
import type { UpscaleCommand } from './parse-command';
import { PngFile } from './png-file';

/** Names without endings that no earlier file of the same command has taken. */
export class FreshNames {
  readonly #taken = new Set<string>();

  /** `cat`, then `cat-2`, `cat-3`: of `cat.latent` and `cat.npy` neither may overwrite the other. */
  take(stem: string): string {
    let name = stem;
    for (let count = 2; this.#taken.has(name); count++) name = `${stem}-${count}`;
    this.#taken.add(name);
    return name;
  }
}

/**
 * Reads one file, upscales every latent in it, writes the pictures.
 *
 * @returns one line per picture, for people
 * @throws LeapError, or the file system's error
 */
export async function upscaleFile(
  engine: Engine,
  file: string,
  command: UpscaleCommand,
  names: FreshNames,
): Promise<string[]> {
  const name = basename(file);
  const latents = readLatents(readTensorFile(await readFile(file)), { name, ...command.hints });
  await mkdir(command.out, { recursive: true });
  const lines: string[] = [];
  for (const latent of latents) {
    const item = latents.length > 1 ? `-${latent.provenance.item + 1}` : '';
    const stem = names.take(`${basename(name, extname(name))}${item}`);
    lines.push(`${file}${item}: ${await upscaleOne(engine, latent, stem, command)}`);
  }
  return lines;
}

async function upscaleOne(
  engine: Engine,
  latent: Latent,
  stem: string,
  command: UpscaleCommand,
): Promise<string> {
  const { scale, method, tile, lua, decoder, out, saveLatent } = command;
  const base = join(out, scale === 1 ? `${stem}-decoded` : `${stem}-${method}-x${scale}`);
  let picture: PngFile | undefined;
  try {
    const result = await engine.upscale(latent, {
      scale,
      method,
      ...(tile === undefined ? {} : { tile }),
      ...(lua === undefined ? {} : { lua }),
      ...(decoder === undefined ? {} : { decoder }),
      openPicture: (width, height) => {
        picture = new PngFile(`${base}.png`, width, height);
        return picture;
      },
    });
    const start = performance.now();
    await picture?.finish();
    if (saveLatent) await writeFile(`${base}.safetensors`, writeLatent(result.latent, 'safetensors'));
    return summarise(latent, result.report, performance.now() - start, `${base}.png`);
  } catch (thrown) {
    await picture?.discard();
    throw thrown;
  }
}

function summarise({ family, dims }: Latent, report: Report, msWrite: number, path: string): string {
  const { ms, tiles, backend, precision, width, height } = report;
  const times = { ...ms, write: msWrite };
  const spent = (['prepare', 'upscale', 'decode', 'write', 'total'] as const)
    .map((phase) => `${phase} ${times[phase].toFixed(0)} ms`)
    .join(', ');
  return (
    `${family} ${dims[2]}x${dims[1]} -> ${width}x${height} px, ${report.method} x${report.scale}; ${spent}; ` +
    `${tiles.upscale}+${tiles.decode} tiles, ${backend} ${precision} -> ${path}`
  );
}
