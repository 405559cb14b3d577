import { DonePositions } from '../tiles/done-positions';
import { RgbaPicture } from './rgba-picture';

/** A decoded picture that is to be enlarged: bytes, as a PNG of it would hold them. */
export class SmallPicture extends RgbaPicture {
  /** Which of its pixels have been enlarged. */
  readonly enlarged: DonePositions;

  constructor(width: number, height: number) {
    super(width, height);
    this.enlarged = new DonePositions(height, width);
  }
}
