/** How the two pictures are shown. */
export type Mode = 'swipe' | 'pair' | 'flip' | 'difference';

export const MODES: readonly { mode: Mode; label: string; key: string }[] = [
  { mode: 'swipe', label: 'Swipe', key: 'S' },
  { mode: 'pair', label: 'Side by side', key: 'D' },
  { mode: 'flip', label: 'Flip', key: 'F or Space' },
  { mode: 'difference', label: 'Difference', key: 'X' },
];

/** Differences are shown this many times as bright as they are: else most of them could not be seen. */
export const DIFFERENCE_GAIN = 4;
