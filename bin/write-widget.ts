import { mkdirSync, writeFileSync } from 'node:fs';

import { buildWidget } from './widget/build-widget.ts';

const BUILT = new URL('../widget/built/', import.meta.url);

// The server has no build: what it serves is kept in the repository, and a test compares it with its sources.
mkdirSync(BUILT, { recursive: true });
const { loader, panel } = buildWidget();
writeFileSync(new URL('loader.js', BUILT), loader);
writeFileSync(new URL('panel.js', BUILT), panel);
process.stdout.write('widget/built written\n');
