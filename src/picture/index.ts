/** Pictures as files: a PNG that is written while its tiles come in, and the kind and size of one that is to be read. */
export { PngPicture } from './png-picture';
export { PICTURE_HEAD_BYTES, type PictureSize, readPictureSize } from './read-picture-size';
export { SNIFF_BYTES, sniffPicture } from './sniff-picture';
