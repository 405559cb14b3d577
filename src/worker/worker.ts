import { expose } from 'comlink';
import { Service } from './service';
import { installTransferHandlers } from './transfer-handlers';

installTransferHandlers();
expose(new Service());
