import { openWebRuntime, type WebRuntimeOptions } from '../engine/device/web/open-web-runtime';
import { Service } from './service';

/** The service in the thread of whoever asks, with the host's runtime and device where they are given. */
export class LocalService extends Service {
  constructor(host: Partial<{ [K in keyof WebRuntimeOptions]: WebRuntimeOptions[K] | undefined }>) {
    const given = Object.fromEntries(Object.entries(host).filter(([, value]) => value !== undefined));
    super((options) => openWebRuntime({ ...given, ...options }), host.device);
  }
}
