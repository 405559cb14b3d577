const STORED = 'latent-leap-single-keys';

/** Where storage is forbidden, the choice lasts only as long as the page. */
let everywhere = readStored() !== 'stage';

/** Do keys of one character work wherever the focus is? Who speaks to a computer may type one by accident (WCAG 2.1.4). */
export function singleKeysWorkEverywhere(): boolean {
  return everywhere;
}

export function letSingleKeysWorkEverywhere(work: boolean): void {
  everywhere = work;
  try {
    localStorage.setItem(STORED, work ? 'page' : 'stage');
  } catch {
    // See above.
  }
}

function readStored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}
