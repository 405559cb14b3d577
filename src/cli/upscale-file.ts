import { mkdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Engine } from '../engine/api';
import type { Report } from '../engine/types';
import { readTensorFile } from '../formats';
import { readLatents, writeLatent } from '../latent';
import type { Latent } from '../latent/types';
import type { FreshNames } from './fresh-names';
import type { UpscaleCommand } from './parse-command';
import { writeWhole } from './part-file';
import { PngFile } from './png-file';

/** One latent of a file. */
export interface Item {
  latent: Latent;
  /** For people: the file, and which of its latents. */
  label: string;
  /** What its picture's name begins with. */
  stem: string;
}

/**
 * Reads one file.
 * @throws LeapError, or the file system's error
 */
export async function readItems(file: string, hints: UpscaleCommand['hints']): Promise<Item[]> {
  const name = basename(file);
  const latents = readLatents(readTensorFile(await readFile(file)), { name, ...hints });
  return latents.map((latent) => {
    const item = latents.length > 1 ? `-${latent.provenance.item + 1}` : '';
    return { latent, label: `${file}${item}`, stem: `${basename(name, extname(name))}${item}` };
  });
}

/**
 * Upscales one latent and writes its picture and what else was asked for. No file is left half written.
 *
 * @returns a line for people
 * @throws LeapError, or the file system's error
 */
export async function upscaleItem(
  engine: Engine,
  { latent, stem }: Item,
  command: UpscaleCommand,
  names: FreshNames,
): Promise<string> {
  const { scale, method, tile, lua, decoder, out, saveLatent } = command;
  await mkdir(out, { recursive: true });
  const base = join(out, names.take(stem, scale === 1 ? '-decoded' : `-${method}-x${scale}`));
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
    if (saveLatent) await writeWhole(`${base}.safetensors`, writeLatent(result.latent, 'safetensors'));
    // Last of all: where there is a picture, its latent is there, too.
    await picture?.keep();
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
