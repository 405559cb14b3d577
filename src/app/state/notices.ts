import type { Notice } from '../../client';

/** A notice that may offer something to do about it. */
export interface PageNotice extends Notice {
  action?: { label: string; run: () => void };
}
