import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds between two looks, which is short compared with any run worth measuring. */
const INTERVAL = 20;

/**
 * Watches the resident memory of a process and its descendants. Pages that they share count once for each of them.
 * @returns a function that ends it and gives the peak less the beginning, in bytes; null where there is no /proc
 */
export function watchMemory(pid: number): () => number | null {
  const start = residentBytes(pid);
  if (start === null) return () => null;
  let peak = start;
  const look = () => {
    peak = Math.max(peak, residentBytes(pid) ?? 0);
  };
  const timer = setInterval(look, INTERVAL);
  return () => {
    clearInterval(timer);
    look();
    return peak - start;
  };
}

/** The resident bytes of a process and its descendants; null where there is no /proc. */
export function residentBytes(root: number): number | null {
  try {
    return [root, ...descendants(root)].reduce((sum, pid) => sum + residentOf(pid), 0);
  } catch {
    return null;
  }
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const collect = (pid: number): number[] =>
    (children.get(pid) ?? []).flatMap((child) => [child, ...collect(child)]);
  return collect(root);
}

/** Undefined when the process has ended meanwhile. */
function parentOf(pid: number): number | undefined {
  const match = /^PPid:\s+(\d+)$/m.exec(readStatus(pid));
  return match ? Number(match[1]) : undefined;
}

function residentOf(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readStatus(pid));
  return match ? Number(match[1]) * 1024 : 0;
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
