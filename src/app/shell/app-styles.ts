import { css } from 'lit';

/**
 * Three columns that fill the window; in narrow windows one, which the page itself scrolls. Notices take their room where
 * nothing moves for them: under the inspector, which scrolls, or under the welcome; in one column they lie on the top.
 */
export const appStyles = css`
  :host {
    display: grid;
    grid-template: auto minmax(0, 1fr) auto / auto minmax(0, 1fr) min(19.75rem, 40vw);
    height: 100dvh;
  }

  leap-header {
    grid-column: 1 / -1;
  }

  leap-notices {
    grid-area: 3 / 1 / auto / -1;
    max-height: 50dvh;
    overflow: auto;
  }

  leap-notices.queued {
    grid-column-start: 2;
  }

  leap-notices.beside {
    grid-column-start: 3;
    border-left: 1px solid var(--line);
  }

  .welcome {
    grid-area: 2 / 1 / auto / -1;
    overflow: auto;
  }

  .work {
    display: contents;
  }

  leap-strip {
    grid-area: 2 / 1 / span 2;
    width: 8.5rem;
    min-height: 0;
    border-right: 1px solid var(--line);
  }

  leap-inspector {
    grid-area: 2 / 3;
    min-height: 0;
    border-left: 1px solid var(--line);
  }

  .view {
    grid-area: 2 / 2 / span 2;
    position: relative;
    display: grid;
    grid-template: minmax(0, 1fr) / minmax(0, 1fr);
    min-width: 0;
    min-height: 0;
    overflow: auto;
    background: var(--stage);
  }

  .problems {
    display: grid;
    gap: 16px;
    place-content: safe center;
    justify-items: center;
    padding: 24px;
  }

  .problems.over {
    position: absolute;
    inset: 0;
    overflow: auto;
    pointer-events: none;
  }

  leap-problem {
    max-width: 34rem;
    pointer-events: auto;
  }

  .wide {
    grid-area: 2 / 2 / auto / -1;
    min-height: 0;
    overflow: auto;
  }

  .drop {
    position: fixed;
    inset: 0;
    z-index: 1;
    display: grid;
    place-items: center;
    border: 3px solid var(--accent);
    background: color-mix(in srgb, var(--ground) 95%, transparent);
    font-size: 1.75rem;
    font-weight: 550;
    letter-spacing: -0.02em;
    pointer-events: none;
  }

  /* What takes a drop of its own is seen above that. */
  .hovered {
    --own-drop-layer: 2;
  }

  leap-quick-save {
    display: none;
  }

  /* One column, and the page itself scrolls; something beside the stage is always left to scroll it by. */
  @media (max-width: 56.25em) {
    :host {
      display: block;
      height: auto;
    }

    .work {
      display: block;
    }

    leap-notices {
      position: sticky;
      top: 0;
      z-index: 2;
      height: 0;
      overflow: visible;
    }

    leap-notices.beside {
      border: 0;
    }

    leap-encoding {
      height: clamp(19rem, 66dvh, 60rem);
    }

    /* What opens above the stage, as the measures do, takes nothing from it. */
    leap-compare {
      --own-compare-basis: auto;
      --own-stage-height: clamp(16rem, 52dvh, 52rem);
    }

    .view {
      overflow: visible;
    }

    .wide {
      overflow: visible;
    }

    leap-strip {
      width: auto;
      border: 0;
      border-bottom: 1px solid var(--line);
    }

    leap-inspector {
      border: 0;
      border-top: 1px solid var(--line);
      overflow: visible;
    }
  }

  /* On a phone the bar takes two lines. */
  @media (max-width: 36em) {
    leap-compare {
      --own-stage-height: clamp(16rem, 45dvh, 52rem);
    }
  }

  /* Zoomed in, or a phone on its side: the picture has nearly all of it, and the bars around it scroll the page. */
  @media (max-width: 56.25em) and (max-height: 32em) {
    leap-encoding {
      height: clamp(19rem, 92dvh, 30rem);
    }

    leap-compare {
      --own-stage-height: clamp(12rem, 54dvh, 20rem);
    }
  }

  @media (max-width: 56.25em) and (min-height: 32em) {
    leap-quick-save {
      position: sticky;
      bottom: 0;
      z-index: 1;
      display: flex;
    }
  }
`;
