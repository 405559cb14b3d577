import { rmSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';

/** Those that end a process from outside. Windows has no SIGQUIT. */
const SIGNALS: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** To create a part: where a link or anything else lies in its place, that is neither followed nor overwritten. */
export const CREATE = 'wx';

/** Paths of this process's files that are not complete. */
const underWay = new Set<string>();

/**
 * A file that gets its name when it is complete. Until then it has another name in the same folder, and it is removed
 * when a signal ends the process.
 */
export class PartFile {
  /** Where to write. No other process writes there. */
  readonly path: string;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    this.path = `${name}.${process.pid}.part`;
    if (underWay.size === 0) for (const signal of SIGNALS) process.on(signal, endBy);
    underWay.add(this.path);
    // An earlier process with the same number may have left a file, or somebody may have put a link there.
    rmSync(this.path, { force: true });
  }

  /** Gives the complete file its name. @throws the file system's error */
  async keep(): Promise<void> {
    await rename(this.path, this.#name);
    forget(this.path);
  }

  /** @throws the file system's error */
  async discard(): Promise<void> {
    await rm(this.path, { force: true });
    forget(this.path);
  }
}

/** @throws the file system's error; then there is no such file, or the older one */
export async function writeWhole(name: string, bytes: Uint8Array): Promise<void> {
  const file = new PartFile(name);
  try {
    await writeFile(file.path, bytes, { flag: CREATE });
    await file.keep();
  } catch (thrown) {
    await file.discard();
    throw thrown;
  }
}

/**
 * A process that listens to a signal gets it only when the tile being computed is done. So we listen only while there
 * is something to remove.
 */
function forget(path: string): void {
  underWay.delete(path);
  if (underWay.size === 0) for (const signal of SIGNALS) process.off(signal, endBy);
}

function endBy(signal: NodeJS.Signals): void {
  try {
    for (const path of underWay) rmSync(path, { force: true });
  } finally {
    for (const one of SIGNALS) process.off(one, endBy);
    // Nobody listens now, so the signal ends the process, and its parent sees which signal it was.
    process.kill(process.pid, signal);
  }
}
