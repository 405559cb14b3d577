import { LitElement } from 'lit';
import { yieldTask } from './yield-task';

/**
 * An element that renders in a task of its own. Lit renders in microtasks, so if all elements of a page change
 * together, they make one long task in which the page does not respond.
 */
export class LeapElement extends LitElement {
  protected override async scheduleUpdate(): Promise<void> {
    await yieldTask();
    super.scheduleUpdate();
  }
}
