import { LabIcon } from '@jupyterlab/ui-components';

/** A cell that goes out through a door: a notebook becomes a service. */
export const nb2svcIcon = new LabIcon({
  name: 'nb2svc:icon',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16">
  <g class="jp-icon3" fill="#616161">
    <path d="M3 4h9v3H6v10h6v3H3z"/><path d="M12 8l5 4-5 4v-3H8v-2h4z"/><path d="M19 4h2v16h-2z"/>
  </g></svg>`
});
