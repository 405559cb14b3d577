import { expose } from 'comlink';
import { installTransferHandlers } from '../client/transfer-handlers';
import { Service } from './service';

installTransferHandlers();
expose(new Service());
