import { recall, remember } from '../ui/remember';

export type Theme = 'light' | 'dark';

const STORED = 'latent-leap-theme';
const DARK = '(prefers-color-scheme: dark)';

/** The current theme: the one chosen before, else the system's. */
export function currentTheme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia(DARK).matches ? 'dark' : 'light';
}

/** Calls `changed` when the system goes from light to dark, or back. */
export function watchSystemTheme(changed: () => void, signal: AbortSignal): void {
  matchMedia(DARK).addEventListener('change', changed, { signal });
}

/** Call it at the start. Without an earlier choice the page follows the system. */
export function restoreTheme(): void {
  const stored = recall(STORED);
  if (stored === 'light' || stored === 'dark') document.documentElement.dataset.theme = stored;
}

/** @returns the new theme. */
export function toggleTheme(): Theme {
  const theme = currentTheme() === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  remember(STORED, theme);
  return theme;
}
