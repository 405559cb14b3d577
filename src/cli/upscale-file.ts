import { basename, extname, join } from 'node:path';
import { defined } from '../defined';
import type { Engine, EngineUpscaleOptions } from '../engine/api';
import type { Report } from '../engine/types';
import { writeLatent } from '../latent';
import type { FamilyId, Latent, ReadHints } from '../latent/types';
import { findNetworks } from './input/find-networks';
import { sizeOf } from './input/read-bytes';
import { readLatentFile } from './input/read-latent-file';
import type { OwnModels } from './models/own-models';
import type { FreshNames } from './output/fresh-names';
import { writeWhole } from './output/part-file';
import { PngFile } from './output/png-file';
import { sayProgress } from './output/say-progress';
import type { UpscaleCommand } from './parse-command';
import { makeFolder } from './system/make-folder';

/** One latent of a file. */
export interface FileLatent {
  latent: Latent;
  /** For people: the file, and which of its latents. */
  label: string;
  /** How its picture's name begins. */
  stem: string;
}

/**
 * Reads one file.
 * @throws LeapError
 */
export async function readFileLatents(file: string, hints: ReadHints): Promise<FileLatent[]> {
  const name = basename(file);
  await sizeOf(file);
  const latents = await readLatentFile(file, hints, await findNetworks(file));
  return latents.map((latent) => {
    const { item, items } = latent.provenance;
    const which = items > 1 || item > 0 ? `-${item + 1}` : '';
    return { latent, label: `${file}${which}`, stem: `${basename(name, extname(name))}${which}` };
  });
}

/**
 * Upscales one latent and writes its picture, and its latent if that was asked for. It never leaves half a file. What
 * takes long says how far it is.
 *
 * @returns a line for people
 * @throws LeapError, or the file system's error
 */
export async function upscaleFileLatent(
  { engine, own, say }: { engine: Engine; own: OwnModels; say(line: string): void },
  { latent, stem, label }: FileLatent,
  command: UpscaleCommand,
  names: FreshNames,
): Promise<string> {
  const { scale, passes, tile, out, saveLatent } = command;
  const way = await chooseWay(own, command, latent.family);
  const decoder = command.decoder && (await own.find(command.decoder, 'decoder', latent.family));
  await makeFolder(out);
  const base = join(out, names.take(stem, scale === 1 ? '-decoded' : `-${wayName(command)}-x${scale}`));
  let picture: PngFile | undefined;
  try {
    const result = await engine.upscale(latent, {
      scale,
      passes,
      ...way,
      ...defined({ tile, decoder }),
      onProgress: sayProgress((line) => say(`${label}: ${line}`)),
      pictureBytes: (width) => PngFile.bytes(width),
      openPicture: (width, height) => {
        picture = new PngFile(`${base}.png`, width, height);
        return picture;
      },
    });
    const start = performance.now();
    await picture?.finish();
    const written = [`${base}.png`];
    if (saveLatent) {
      const { format, consumer, ending } = saveLatent;
      written.push(`${base}${ending}`);
      await writeWhole(`${base}${ending}`, writeLatent(result.latent, format, { consumer }));
    }
    // The picture comes last, so that a picture never lacks its latent.
    await picture?.keep();
    return summarise(latent, result.report, performance.now() - start, written);
  } catch (thrown) {
    await picture?.discard();
    throw thrown;
  }
}

/** The method, and the upscaler if one was named. */
async function chooseWay(
  own: OwnModels,
  { method, upscaler, lua, scale, passes }: UpscaleCommand,
  family: FamilyId,
): Promise<Pick<EngineUpscaleOptions, 'method' | 'lua' | 'enlarger'>> {
  const step = scale ** (1 / passes);
  if (upscaler === undefined)
    return lua ? { method, lua: await own.find(lua, 'lua', family, step) } : { method };
  const kind = await own.kindOfUpscaler(upscaler);
  const id = await own.find(upscaler, kind, family, step);
  return kind === 'lua' ? { method: 'lua', lua: id } : { method: 'pixels', enlarger: id };
}

/** For the names of pictures. */
function wayName({ method, upscaler }: UpscaleCommand): string {
  return upscaler === undefined ? method : basename(upscaler).replace(/\.(safetensors|pth?|onnx)$/, '');
}

function summarise(
  { family, dims }: Latent,
  report: Report,
  msWrite: number,
  written: readonly string[],
): string {
  const { ms, tiles, backend, precision, width, height } = report;
  const times = { ...ms, write: msWrite };
  const spent = (['prepare', 'upscale', 'decode', 'enlarge', 'write', 'total'] as const)
    .filter((phase) => phase !== 'enlarge' || tiles.enlarge > 0)
    .map((phase) => `${phase} ${times[phase].toFixed(0)} ms`)
    .join(', ');
  const way = report.scale === 1 ? 'decoded' : `${report.method} x${report.scale}`;
  return (
    `${family} ${dims[2]}x${dims[1]} -> ${width}x${height} px, ${way}; ${spent}; ` +
    `${sayTiles(tiles)}, ${backend} ${precision} -> ${written.join(', ')}`
  );
}

/** `1 upscaling tile, 4 decoding tiles` */
function sayTiles({ upscale, decode, enlarge }: Report['tiles']): string {
  const counts: [number, string][] = [
    [upscale, 'upscaling'],
    [decode, 'decoding'],
    [enlarge, 'enlarging'],
  ];
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what} ${count === 1 ? 'tile' : 'tiles'}`)
    .join(', ');
}
