import { createUpscaler } from '../client';
import './elements/leap-app';
import { readPageOptions } from './options';
import { Session } from './state/session';
import { UpscalerHost } from './state/upscaler-host';
import { restoreTheme } from './theme';

restoreTheme();
const { backend, precision, scale } = readPageOptions(location.search);
const host = new UpscalerHost(createUpscaler, {
  backend,
  precision,
  onNotice: (notice) => session.notify(notice),
});
const session = new Session(host, scale);

const app = document.createElement('leap-app');
app.session = session;
document.body.append(app);

declare global {
  interface HTMLElementTagNameMap {
    'leap-app': import('./elements/leap-app').LeapApp;
  }
}
