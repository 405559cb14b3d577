'use client';

import { useState } from 'react';
import { LatentPicture } from './latent-picture';

/** The component of examples/react.jsx, which lies beside this file as latent-picture.jsx, for a file that is chosen. */
export function FilePicture() {
  const [latent, setLatent] = useState();
  return (
    <main>
      <input type="file" aria-label="A latent file" onChange={({ target }) => setLatent(target.files[0])} />
      {latent && <LatentPicture latent={latent} />}
    </main>
  );
}
