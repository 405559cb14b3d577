import { expose } from 'comlink';
import { installTransferHandlers } from '../client/transfer-handlers';
import { importOrt } from '../engine/device/web/load-ort';
import { openWebRuntime } from '../engine/device/web/open-web-runtime';
import { Service } from './service';

// In a bundle of one file onnxruntime takes this script for its own, and starts its threads with it: a thread has
// only to import the runtime, which does the rest.
if (self.name.startsWith('em-pthread')) void importOrt();
else {
  installTransferHandlers();
  expose(new Service((options) => openWebRuntime(options)));
}
