import { createUpscaler } from '../client';
import { LeapApp } from './elements/leap-app';
import { askToPersist, prepareOffline } from './offline';
import { readPageOptions } from './options';
import { Session } from './state/session';
import { UpscalerHost } from './state/upscaler-host';
import { restoreTheme } from './theme';

restoreTheme();
const { backend, precision, scale } = readPageOptions(location.search);
const onNotice: Session['notify'] = (notice) => session.notify(notice);
const offline = prepareOffline(onNotice);

const host = new UpscalerHost(
  async (options) => {
    await offline;
    void askToPersist();
    return createUpscaler(options);
  },
  { backend, precision, onNotice },
);
const session = new Session(host, scale);

const app = new LeapApp();
app.session = session;
document.body.append(app);
