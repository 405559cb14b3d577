/**
 * Calls `changed` when the screen has another number of device pixels per CSS pixel: the window was moved to another
 * screen, which changes no element's size.
 */
export function watchRatio(changed: () => void, signal: AbortSignal): void {
  const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  const again = () => {
    changed();
    watchRatio(changed, signal);
  };
  query.addEventListener('change', again, { once: true, signal });
}
