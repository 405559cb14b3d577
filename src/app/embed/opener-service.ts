import { LeapError } from '../../client';
import {
  isLeapMessage,
  MAX_OPEN_BYTES,
  type PageMessage,
  PROTOCOL_VERSION,
} from '../../client/open/messages';
import { toPlainError } from '../../client/transfer-handlers';
import { defined } from '../../defined';
import { toPictureBlob } from '../save/picture-blob';
import { currentRun, type Item, type Outcome } from '../state/item';
import type { PageState } from '../state/page-state';
import { type OpenRequest, readOpen } from './read-open';

/** More latents than this without an answer are most likely a mistake of the sender. */
const MAX_WAITING = 16;

/** A message without its version. */
type Unsigned<T = PageMessage> = T extends PageMessage ? Omit<T, 'latentLeap'> : never;

/**
 * Takes latents from the page that has opened this one and sends their pictures back. Only that window is listened to,
 * and the answers go to the origin that sent the first latent and to no other.
 */
export class OpenerService {
  readonly #page: PageState;
  readonly #opener: Pick<Window, 'postMessage'>;
  readonly #requests = new Map<OpenRequest['input'], OpenRequest>();
  /** Those whose entry was removed from the queue. */
  readonly #removed = new WeakMap<OpenRequest['input'], OpenRequest>();
  readonly #answered = new Set<OpenRequest>();
  /** Outcomes and errors that the opener knows of. */
  readonly #told = new WeakSet<object>();
  #origin: string | undefined;

  constructor(page: PageState, opener: Pick<Window, 'postMessage'>) {
    this.#page = page;
    this.#opener = opener;
    page.addEventListener('change', () => this.#look());
  }

  /** Listens from now on, and says so. That tells nothing of the person, so every origin may hear it. */
  start(target: EventTarget): void {
    target.addEventListener('message', (event) => this.#take(event as MessageEvent));
    this.#post({ type: 'ready', versions: [PROTOCOL_VERSION], maxBytes: MAX_OPEN_BYTES }, '*');
  }

  #take({ source, origin, data }: MessageEvent): void {
    // A page without an origin of its own, a sandboxed one for example, could not be answered alone.
    if (source !== this.#opener || origin === 'null' || !isLeapMessage(data)) return;
    // The opener has gone to another site meanwhile.
    if (this.#origin !== undefined && origin !== this.#origin) return;
    const id = typeof data.id === 'string' ? data.id : null;
    try {
      if (data.latentLeap !== PROTOCOL_VERSION) {
        throw new LeapError(
          'unsupported',
          `This page speaks version ${PROTOCOL_VERSION} of the protocol, not ${data.latentLeap}.`,
          { versions: [PROTOCOL_VERSION] },
        );
      }
      if (data.type !== 'open')
        throw new LeapError('bad-option', `This page takes the message open, not ${data.type}.`);
      this.#open(readOpen(data), origin);
    } catch (thrown) {
      this.#report(id, thrown, origin);
    }
  }

  #open(request: OpenRequest, origin: string): void {
    if (this.#requests.size - this.#answered.size >= MAX_WAITING) {
      throw new LeapError('too-large', `${MAX_WAITING} latents of this page are waiting already.`);
    }
    if (this.#origin === undefined) {
      this.#origin = origin;
      const message = `${new URL(origin).host} has opened this page with a latent. Its picture is sent back there.`;
      this.#page.notify({ code: 'opened', message });
    }
    this.#requests.set(request.input, request);
    const { name, input, hints, scale } = request;
    this.#page.add([defined({ name, input, hints, scale })]);
  }

  /** Sends what is new of the latents that came from the opener. */
  #look(): void {
    const left = new Set(this.#requests.values());
    for (const item of this.#page.items) {
      const input = item.input as OpenRequest['input'];
      const request = this.#requests.get(input) ?? this.#bringBack(input);
      if (!request) continue;
      left.delete(request);
      this.#lookAt(item, request);
    }
    for (const request of left) {
      this.#requests.delete(request.input);
      this.#removed.set(request.input, request);
      if (this.#answered.delete(request)) continue;
      this.#report(request.id, new LeapError('cancelled', `${request.name} was removed from the queue.`));
    }
  }

  /** Undo puts back what was removed: its picture is sent all the same. */
  #bringBack(input: OpenRequest['input']): OpenRequest | undefined {
    const request = this.#removed.get(input);
    if (!request) return undefined;
    this.#requests.set(input, request);
    // By the error of its removal.
    this.#answered.add(request);
    return request;
  }

  #lookAt(item: Item, request: OpenRequest): void {
    const right = currentRun(item).right;
    const error = item.latent || item.reading ? right.state === 'failed' && right.problem.error : item.error;
    if (error && this.#isNews(error)) {
      this.#answered.add(request);
      this.#report(request.id, error);
    }
    if (right.state === 'done' && this.#isNews(right.outcome)) {
      this.#answered.add(request);
      void this.#send(item, right.outcome, request).catch((thrown) => this.#report(request.id, thrown));
    }
  }

  #isNews(what: object): boolean {
    if (this.#told.has(what)) return false;
    this.#told.add(what);
    return true;
  }

  async #send(item: Item, outcome: Outcome, { id }: OpenRequest): Promise<void> {
    const { width, height, scale, method } = outcome.report;
    const place = item.latent?.provenance.item ?? 0;
    const blob = await toPictureBlob(outcome, { format: 'png', quality: 1 });
    const png = await blob.arrayBuffer();
    this.#post({ type: 'result', id, png, width, height, scale, method, item: place }, this.#origin!, [png]);
  }

  #report(id: string | null, thrown: unknown, origin = this.#origin!): void {
    this.#post({ type: 'error', id, ...toPlainError(thrown) }, origin);
  }

  #post(message: Unsigned, origin: string, transfer: Transferable[] = []): void {
    this.#opener.postMessage({ latentLeap: PROTOCOL_VERSION, ...message }, origin, transfer);
  }
}
