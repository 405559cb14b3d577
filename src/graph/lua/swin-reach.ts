/**
 * How far a residual Swin group sees beyond an output that begins and ends on multiples of the window: its last 3x3
 * convolution, then its blocks from the last to the first, each of which sees all of the windows that it touches.
 * Every second block has its windows moved by half a window.
 *
 * @param blocks of the group
 * @param behind positions that what follows the group sees beyond its own output
 */
export function swinReach(blocks: number, window: number, behind = 0): number {
  let [before, after] = [-behind - 1, behind + 1];
  for (let block = blocks - 1; block >= 0; block--) {
    const shift = block % 2 === 1 ? Math.floor(window / 2) : 0;
    before = Math.floor((before - shift) / window) * window + shift;
    after = Math.ceil((after - shift) / window) * window + shift;
  }
  return Math.max(-before, after);
}
