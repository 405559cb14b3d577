import { LatentCompare } from './latent-compare';

export type { Subject, Way } from './compare-latent';
export type { ExportOptions } from './export-comparison';
export type { Mode } from './modes';
export type { ComparedSide, Drawable, PictureSize, SideId } from './sides';
export { LatentCompare };

if (!customElements.get('latent-compare')) customElements.define('latent-compare', LatentCompare);

declare global {
  interface HTMLElementTagNameMap {
    'latent-compare': LatentCompare;
  }
}
