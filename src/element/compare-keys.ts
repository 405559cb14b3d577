import type { Mode } from './modes';

/** What the keyboard can ask of the comparison. */
export type CompareKey =
  | { do: 'flip' }
  | { do: 'mode'; mode: Exclude<Mode, 'flip'> }
  | { do: 'loupe' }
  | { do: 'fit' }
  | { do: 'actual' }
  | { do: 'zoom'; factor: number }
  | { do: 'pan'; dx: number; dy: number };

/** CSS pixels per press of an arrow key. */
const STEP = 48;
const ZOOM_STEP = Math.SQRT2;

/** @returns what a key press means, or undefined when it means nothing here */
export function readCompareKey(event: Pick<KeyboardEvent, 'key' | 'shiftKey'>): CompareKey | undefined {
  const step = event.shiftKey ? STEP * 4 : STEP;
  switch (event.key.length === 1 ? event.key.toLowerCase() : event.key) {
    case ' ':
    case 'f':
      return { do: 'flip' };
    case 's':
      return { do: 'mode', mode: 'swipe' };
    case 'd':
      return { do: 'mode', mode: 'pair' };
    case 'x':
      return { do: 'mode', mode: 'difference' };
    case 'l':
      return { do: 'loupe' };
    case '0':
      return { do: 'fit' };
    case '1':
      return { do: 'actual' };
    case '+':
    case '=':
      return { do: 'zoom', factor: ZOOM_STEP };
    case '-':
      return { do: 'zoom', factor: 1 / ZOOM_STEP };
    case 'ArrowLeft':
      return { do: 'pan', dx: step, dy: 0 };
    case 'ArrowRight':
      return { do: 'pan', dx: -step, dy: 0 };
    case 'ArrowUp':
      return { do: 'pan', dx: 0, dy: step };
    case 'ArrowDown':
      return { do: 'pan', dx: 0, dy: -step };
    default:
      return undefined;
  }
}

/** Whether the focused element needs the key itself, or the browser has it as a shortcut. */
export function targetNeedsKey(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest('select, input, textarea')) return true;
  if (target.closest('summary')) return /^( |Enter)$/.test(event.key);
  return (
    target.closest('button, a, [role="slider"]') !== null && /^( |Enter|Arrow.*|Home|End)$/.test(event.key)
  );
}
