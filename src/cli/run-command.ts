import { defined } from '../defined';
import { createEngine } from '../engine';
import type { Engine } from '../engine/api';
import { loadNodeRuntime, openNodeRuntime } from '../engine/device/node/open-node-runtime';
import type { ReadHints } from '../latent/types';
import type { ManagedWeights } from '../weights/types';
import { readBatchNorm } from './input/read-batch-norm';
import { refuseGuess } from './input/refuse-guess';
import { sayGuesses } from './input/say-guesses';
import { type Inspection, inspectFile } from './inspect/inspect-file';
import { tabulateInspections } from './inspect/inspect-table';
import { openModels } from './models/open-models';
import { OwnModels } from './models/own-models';
import { checkFolder } from './output/check-folder';
import { cleanJson, cleanLine } from './output/clean-line';
import { FreshNames } from './output/fresh-names';
import { type InspectCommand, parseCommand, type ReadingOptions, type UpscaleCommand } from './parse-command';
import { explainSystem } from './system/explain-system';
import { readFileLatents, upscaleFileLatent } from './upscale-file';
import { USAGE } from './usage';

/** Where lines go; tests listen here. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
}

export const EXIT = { done: 0, someFailed: 1, usage: 2 } as const;

/** Runs a command line (without the program's name). @returns the exit code */
export async function runCommand(args: string[], version: string, to: Terminal): Promise<number> {
  const terminal: Terminal = {
    out: (line) => to.out(cleanLine(line)),
    err: (line) => to.err(cleanLine(line)),
  };
  try {
    const command = parseCommand(args);
    if (command.name === 'help') terminal.out(USAGE);
    else if (command.name === 'version') terminal.out(version);
    else if (command.name === 'inspect') return await inspectAll(command, terminal);
    else return await upscaleAll(command, terminal);
    return EXIT.done;
  } catch (thrown) {
    // The program that starts this one knows what has to be installed.
    if ((thrown as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') throw thrown;
    const error = explainSystem(thrown);
    terminal.err(`latent-leap: ${error.message}`);
    if (error.code !== 'bad-option') return EXIT.someFailed;
    terminal.err('Try latent-leap --help.');
    return EXIT.usage;
  }
}

/** Says what is in each file. A file that is refused has its line too, and changes the exit code. */
async function inspectAll(command: InspectCommand, terminal: Terminal): Promise<number> {
  const hints = await completeHints(command);
  const inspections: Inspection[] = [];
  for (const file of command.files) {
    const inspection = await inspectFile(file, hints);
    inspections.push(inspection);
    if (command.json) terminal.out(cleanJson(inspection));
  }
  if (!command.json) for (const line of tabulateInspections(inspections)) terminal.out(line);
  return inspections.some(({ error }) => error) ? EXIT.someFailed : EXIT.done;
}

async function completeHints({ hints, batchNorm }: ReadingOptions): Promise<ReadHints> {
  return batchNorm === undefined ? hints : { ...hints, batchNorm: await readBatchNorm(batchNorm) };
}

async function upscaleAll(command: UpscaleCommand, terminal: Terminal): Promise<number> {
  // Before anything is read: without it nothing can be done.
  await loadNodeRuntime();
  await checkFolder('--out', command.out);
  const hints = await completeHints(command);
  const weights = await openModels(command.models, (notice) => terminal.err(notice.message));
  const own = new OwnModels(weights);
  if (command.upscaler !== undefined) await own.kindOfUpscaler(command.upscaler);
  const engine = await openEngine(command, weights, terminal);
  let failed = 0;
  /** When one file or item fails, the others go on. */
  const attempt = async (label: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (thrown) {
      failed++;
      const { code, message } = explainSystem(thrown);
      terminal.err(`${label}: ${message} [${code}]`);
    }
  };
  try {
    const names = await FreshNames.open(command.out, command.files, command.overwrite);
    for (const file of command.files) {
      await attempt(file, async () => {
        for (const item of await readFileLatents(file, hints)) {
          const remarks = item.latent.provenance.remarks ?? [];
          for (const said of [...sayGuesses(item.latent), ...remarks]) terminal.err(`${item.label}: ${said}`);
          await attempt(item.label, async () => {
            refuseGuess(item.latent);
            terminal.out(
              `${item.label}: ${await upscaleFileLatent({ engine, own, say: terminal.err }, item, command, names)}`,
            );
          });
        }
      });
    }
  } finally {
    await engine.close();
    await own.close();
  }
  return failed > 0 ? EXIT.someFailed : EXIT.done;
}

function openEngine(
  { threads, backend, precision }: UpscaleCommand,
  weights: ManagedWeights,
  terminal: Terminal,
): Promise<Engine> {
  return createEngine({
    runtime: openNodeRuntime(defined({ webgpu: backend === 'webgpu', threads })),
    weights,
    backend,
    precision,
    onNotice: (notice) => terminal.err(notice.message),
  });
}
