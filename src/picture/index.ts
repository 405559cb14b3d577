/** Pictures as files: a PNG that is written while its tiles come in. */
export { PngPicture } from './png-picture';
