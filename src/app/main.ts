import { createUpscaler } from '../client';
import { listenToOpener } from './embed/listen-to-opener';
import { openLinked } from './embed/open-linked';
import { openShared } from './intake/open-shared';
import { keepWork } from './keep/keep-work';
import { fetchRest } from './shell/fetch-rest';
import { LeapApp } from './shell/leap-app';
import { askToPersist, prepareOffline } from './shell/offline';
import { openLaunchedFiles } from './shell/open-launched-files';
import { readPageOptions } from './shell/options';
import { showInTitle } from './shell/show-in-title';
import { restoreTheme } from './shell/theme';
import { PageState } from './state/page-state';
import { type OpenUpscaler, UpscalerHost } from './state/upscaler-host';

restoreTheme();
const { backend, precision, scale, refused } = readPageOptions(location.search);
const onNotice: PageState['notify'] = (notice) => page.notify(notice);
const offline = prepareOffline(onNotice);

const open: OpenUpscaler = async (options) => {
  await offline;
  return createUpscaler(options);
};
const engine = new UpscalerHost(open, {
  backend,
  precision,
  onNotice,
  onProgress: (progress) => page.showProgress(progress),
});
// It runs no network. Even a file of 1 GiB gives a sign of life every few seconds.
const reader = new UpscalerHost(open, { backend, precision, onNotice, limits: { silence: 60_000 } });
const page = new PageState(engine, reader, scale);
for (const message of refused) page.notify({ code: 'bad-option', message });
void askToPersist();
void keepWork(page);
if (import.meta.env.PROD) fetchRest(page);
showInTitle(page);

const app = new LeapApp();
app.page = page;
document.body.append(app);
openLaunchedFiles(page);
void openShared(page, location.search);
openLinked(page, location.search);
void listenToOpener(page);
