import { type Page, test } from '@playwright/test';
import type * as Client from '../../src/client/index';
import { buildLibrary, openEmbedSite, type SiteOptions } from './embed-site';

declare global {
  interface Window {
    /** The built library, on a page of {@link openEmbedSite}. */
    leap: typeof Client;
  }
}

/** The site of a file of tests. */
export interface SharedSite {
  /** Its address, once the tests run. */
  readonly url: string;
  /** Opens its page, or the one at `path`, and waits for the library. */
  open(page: Page, path?: string): Promise<void>;
}

/** Builds the library, and opens a site for all tests of the file that calls this. Tests may take three minutes. */
export function shareSite(options: () => SiteOptions | Promise<SiteOptions> = () => ({})): SharedSite {
  let url = '';
  let close = () => {};
  test.beforeAll(async () => {
    await buildLibrary();
    ({ url, close } = await openEmbedSite(await options()));
  });
  test.afterAll(() => close());
  test.beforeEach(() => test.setTimeout(180_000));
  return {
    get url() {
      return url;
    },
    open: (page, path = '') => openHost(page, url + path),
  };
}

/** Opens somebody's page at any address, and waits for the library. */
export async function openHost(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForFunction(() => window.leap);
}
