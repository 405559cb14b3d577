/** Pixels as canvases give them; also those of another frame. */
export function isImageData(value: unknown): value is ImageData {
  return Object.prototype.toString.call(value) === '[object ImageData]';
}
