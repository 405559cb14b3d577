import type { Page } from '@playwright/test';

/** What the page saw of its own main thread since the last call, in milliseconds. */
export interface Watched {
  /** Tasks of 50 ms and more, by PerformanceObserver. */
  longTasks: number[];
  /** Between two animation frames. */
  longestGap: number;
}

type Watching = Window & { leapWatched: Watched };

/** From now on, every document that the page opens watches itself. */
export async function startWatch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const watched: Watched = { longTasks: [], longestGap: 0 };
    (window as unknown as Watching).leapWatched = watched;
    new PerformanceObserver((list) => {
      watched.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: 'longtask', buffered: true });
    let last = performance.now();
    const frames: { tick?: FrameRequestCallback } = {};
    // Stored as a property, because a named function would need a helper of the compiler, which the page does not have.
    frames.tick = (now) => {
      watched.longestGap = Math.max(watched.longestGap, now - last);
      last = now;
      requestAnimationFrame(frames.tick!);
    };
    requestAnimationFrame(frames.tick);
  });
}

/** Returns what was seen and starts again. */
export function takeWatch(page: Page): Promise<Watched> {
  return page.evaluate(() => {
    const { leapWatched } = window as unknown as Watching;
    const taken = structuredClone(leapWatched);
    leapWatched.longTasks = [];
    leapWatched.longestGap = 0;
    return taken;
  });
}
