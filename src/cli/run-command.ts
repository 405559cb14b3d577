import { createEngine } from '../engine';
import type { Engine } from '../engine/api';
import { openNodeRuntime } from '../engine/device/node/open-node-runtime';
import { toLeapError } from '../errors';
import { FreshNames } from './fresh-names';
import { openModels } from './open-models';
import { parseCommand, type UpscaleCommand } from './parse-command';
import { readItems, upscaleItem } from './upscale-file';
import { USAGE } from './usage';

/** Where lines go; tests listen here. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
}

export const EXIT = { done: 0, someFailed: 1, usage: 2 } as const;

/** Runs a command line (without the program's name). @returns the exit code */
export async function runCommand(args: string[], version: string, terminal: Terminal): Promise<number> {
  try {
    const command = parseCommand(args);
    if (command.name === 'help') terminal.out(USAGE);
    else if (command.name === 'version') terminal.out(version);
    else return await upscaleAll(command, terminal);
    return EXIT.done;
  } catch (thrown) {
    const error = toLeapError(thrown);
    terminal.err(`latent-leap: ${error.message}`);
    if (error.code !== 'bad-option') return EXIT.someFailed;
    terminal.err('Try latent-leap --help.');
    return EXIT.usage;
  }
}

async function upscaleAll(command: UpscaleCommand, terminal: Terminal): Promise<number> {
  const engine = await open(command, terminal);
  let failed = 0;
  /** Where one file or item fails, the others go on. */
  const attempt = async (label: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (thrown) {
      failed++;
      const { code, message } = toLeapError(thrown);
      terminal.err(`${label}: ${message} [${code}]`);
    }
  };
  try {
    const names = await FreshNames.open(command.out, command.files);
    for (const file of command.files) {
      await attempt(file, async () => {
        for (const item of await readItems(file, command.hints)) {
          await attempt(item.label, async () => {
            terminal.out(`${item.label}: ${await upscaleItem(engine, item, command, names)}`);
          });
        }
      });
    }
  } finally {
    await engine.close();
  }
  return failed > 0 ? EXIT.someFailed : EXIT.done;
}

async function open(
  { models, threads, backend, precision }: UpscaleCommand,
  terminal: Terminal,
): Promise<Engine> {
  return createEngine({
    runtime: openNodeRuntime({ webgpu: backend === 'webgpu', ...(threads === undefined ? {} : { threads }) }),
    weights: await openModels(models, (notice) => terminal.err(notice.message)),
    backend,
    precision,
    onNotice: (notice) => terminal.err(notice.message),
  });
}
