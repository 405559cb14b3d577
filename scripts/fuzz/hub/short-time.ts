/** How much shorter the pauses before another attempt are than those of a visitor. */
const FASTER = 500;

/** Runs something while every timer of this process is shorter: what waits for seconds waits for milliseconds. */
export async function inShortTime<T>(run: () => Promise<T>): Promise<T> {
  const real = globalThis.setTimeout;
  const short = (done: () => void, ms = 0) => real(done, ms / FASTER);
  globalThis.setTimeout = short as unknown as typeof setTimeout;
  try {
    return await run();
  } finally {
    globalThis.setTimeout = real;
  }
}
