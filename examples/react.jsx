'use client';

import { createUpscaler } from 'latent-leap';
import { useEffect, useRef, useState } from 'react';

/** Shows a latent (a File, bytes or a tensor) twice as large. */
export function LatentPicture({ latent }) {
  const canvas = useRef(null);
  const [status, setStatus] = useState('');

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const show = async () => {
      const upscaler = await createUpscaler({ models: '/models/', signal });
      try {
        const onProgress = ({ message }) => setStatus(message);
        const options = { scale: 2, method: 'lua', output: 'rgba', signal, onProgress };
        const { rgba, width, height } = await upscaler.run(latent, {}, options);
        Object.assign(canvas.current, { width, height });
        canvas.current.getContext('2d').putImageData(new ImageData(rgba, width, height), 0, 0);
        setStatus('');
      } finally {
        await upscaler.close();
      }
    };
    show().catch((error) => {
      if (error.code !== 'cancelled') setStatus(error.message);
    });
    return () => controller.abort();
  }, [latent]);

  return (
    <figure>
      <canvas ref={canvas} />
      <figcaption>{status}</figcaption>
    </figure>
  );
}
