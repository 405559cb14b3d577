/** Pictures as files: a PNG that is written while its tiles come in, texts in a PNG, and what a picture's head says. */
export { checkPictureFile, checkPictureSize } from './check-picture-size';
export { PngPicture } from './png-picture';
export { addPngTexts, readPngTexts } from './png-text';
export { PICTURE_HEAD_BYTES, readPictureSize } from './read-picture-size';
export { SNIFF_BYTES, sniffPicture } from './sniff-picture';
