import { css } from 'lit';

/** A row of buttons of which one is pressed. Takes `--_line-strong`, `--_radius`, `--_ink` and `--_ground`. */
export const segmentedStyles = css`
  .segmented {
    display: inline-flex;
    flex-wrap: wrap;
    border: 1px solid var(--_line-strong);
    border-radius: var(--_radius);
  }

  .segmented button {
    border: 0;
    border-radius: 0;
  }

  .segmented button + button {
    border-left: 1px solid var(--_line-strong);
  }

  .segmented button[aria-pressed='true'] {
    background: var(--_ink);
    color: var(--_ground);
  }
`;
