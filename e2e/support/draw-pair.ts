import type { Page } from '@playwright/test';

/**
 * Puts `<latent-compare>` on a page, with two pictures of 300x200, red and blue, in their slots.
 * @param attributes of the element, as HTML
 * @param inside more of what it holds
 */
export function drawPair(page: Page, attributes = '', inside = ''): Promise<void> {
  return page.evaluate(
    ({ attributes, inside }) => {
      const draw = (colour: string) => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [300, 200];
        const context = canvas.getContext('2d')!;
        context.fillStyle = colour;
        context.fillRect(0, 0, 300, 200);
        return canvas.toDataURL();
      };
      document.body.innerHTML = `<latent-compare ${attributes}>
        <img slot="left" alt="Before" src="${draw('#f00')}"><img slot="right" alt="After" src="${draw('#00f')}">
        ${inside}
      </latent-compare>`;
    },
    { attributes, inside },
  );
}
