import { expect, test } from 'vitest';

import { familyOf } from './cross-origin.ts';

test.each([
  ['/api/widget/chat', 'listed'],
  ['/api/widget/chat/messages', 'listed'],
  ['/api/widget/chats', 'own'],
  ['/api/widget/keys', 'own'],
  ['/api/widget/origins', 'own'],
  ['/api/Widget/chat', 'own'],
  ['/widget/loader.js', 'asset'],
  ['/widget/v/0123456789abcdef/panel.js', 'asset'],
  ['/widgets/loader.js', 'own'],
  ['/api/pricebook', 'open'],
  ['/api/pricebook/versions/1', 'open'],
  ['/api/pricebooks', 'own'],
  ['/openapi.json', 'open'],
  ['/openapi.json/x', 'own'],
  ['/.well-known/webhook-keys', 'open'],
  ['/api/chat', 'own'],
  ['/', 'own'],
])('%s is %s', (path, family) => {
  expect(familyOf(path)).toBe(family);
});
