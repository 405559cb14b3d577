import { LatentCompare } from './latent-compare';
import type { LatentCompareElement } from './latent-compare-element';

export type { ExportOptions } from './export/export-comparison';
export type { SideChoice, Subject } from './latent/compare-latent';
export type { LatentCompareElement, LatentCompareEventMap } from './latent-compare-element';
export type { Mode } from './modes';
export type { ComparedSide, Drawable, PictureSize, SideId } from './sides';

// The types of the package name the interface: those of the class would ask for the types of its base.
const element: new () => LatentCompareElement = LatentCompare;
if (!customElements.get('latent-compare')) customElements.define('latent-compare', element);

declare global {
  interface HTMLElementTagNameMap {
    'latent-compare': LatentCompareElement;
  }
}
