/** Ends the current task. Input and painting may go first; what follows runs in a task of its own. */
export function yieldTask(): Promise<void> {
  if ('scheduler' in globalThis && 'yield' in scheduler) return scheduler.yield();
  return new Promise((resolve) => setTimeout(resolve));
}
