import { LitElement } from 'lit';
import { yieldTask } from './yield-task';

/**
 * An element that renders in a task of its own. Lit renders in microtasks, so a page full of elements that change
 * together would be one long task, in which nothing else is answered.
 */
export class LeapElement extends LitElement {
  protected override async scheduleUpdate(): Promise<void> {
    await yieldTask();
    super.scheduleUpdate();
  }
}
