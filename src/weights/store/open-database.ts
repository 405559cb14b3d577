import type { UseStore } from 'idb-keyval';

/** Milliseconds after which a database that does not open is done without. */
const DEFAULT_PATIENCE = 3000;
const STORE = 'files';

/**
 * An IndexedDB database for idb-keyval. Unlike its `createStore` it closes the connection when another tab wants to
 * delete the database. While another tab's deletion is pending, the browser neither opens the database nor fails, so
 * this gives up after a while. The database is opened on first use, and again after it was closed.
 *
 * @throws DOMException `TimeoutError` when the database does not open in time. Later calls fail at once until it does.
 */
export function openDatabase(name: string, patience = DEFAULT_PATIENCE): UseStore {
  let opening: Promise<IDBDatabase> | undefined;
  let late = false;

  const connect = (): Promise<IDBDatabase> => {
    const forget = () => {
      opening = undefined;
    };
    opening ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onupgradeneeded = () => void request.result.createObjectStore(STORE);
      request.onsuccess = () => {
        const database = request.result;
        late = false;
        database.onversionchange = () => {
          database.close();
          forget();
        };
        database.onclose = forget;
        resolve(database);
      };
      request.onerror = () => {
        forget();
        reject(request.error);
      };
    });
    return opening;
  };

  const connectInTime = (): Promise<IDBDatabase> => {
    const connection = connect();
    let timer: ReturnType<typeof setTimeout>;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => {
          late = true;
          reject(new DOMException(`The database ${name} does not open.`, 'TimeoutError'));
        },
        late ? 0 : patience,
      );
    });
    return Promise.race([connection, timeout]).finally(() => clearTimeout(timer));
  };

  return async (mode, callback) => {
    const database = await connectInTime();
    return callback(database.transaction(STORE, mode).objectStore(STORE));
  };
}
