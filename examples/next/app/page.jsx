import { FilePicture } from './file-picture';

export default function Page() {
  return <FilePicture />;
}
