/** Small choices that a browser keeps. Where storage is forbidden they last as long as the page. */
export type Shelf = 'localStorage' | 'sessionStorage';

export function recall(key: string, shelf: Shelf = 'localStorage'): string | null {
  try {
    return globalThis[shelf].getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string, shelf: Shelf = 'localStorage'): void {
  try {
    globalThis[shelf].setItem(key, value);
  } catch {
    // Forbidden, or full.
  }
}
