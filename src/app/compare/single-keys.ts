import { recall, remember } from '../ui/remember';

const STORED = 'latent-leap-single-keys';

let everywhere = recall(STORED) !== 'stage';

/** Do keys of one character work wherever the focus is? Who speaks to a computer may type one by accident (WCAG 2.1.4). */
export function singleKeysWorkEverywhere(): boolean {
  return everywhere;
}

export function letSingleKeysWorkEverywhere(work: boolean): void {
  everywhere = work;
  remember(STORED, work ? 'page' : 'stage');
}
