import { expect, test } from 'vitest';

import { createMailLinks } from './mail-links.ts';

test.each([
  [{ PUBLIC_URL: 'https://bob.example/', HOST: '127.0.0.1', PORT: 3000 }, 'https://bob.example'],
  [{ PUBLIC_URL: undefined, HOST: '127.0.0.1', PORT: 3000 }, 'http://127.0.0.1:3000'],
  [{ PUBLIC_URL: undefined, HOST: '0.0.0.0', PORT: 8080 }, 'http://localhost:8080'],
  [{ PUBLIC_URL: undefined, HOST: '::1', PORT: 80 }, 'http://[::1]:80'],
])('mails lead to where visitors reach Bob: %o', (env, base) => {
  const links = createMailLinks(env);
  expect(links.invite('bob_in_x')).toBe(`${base}/portal/invite#token=bob_in_x`);
  expect(links.newPassword('bob_pr_x', 'operator')).toBe(`${base}/portal/reset#realm=operator&token=bob_pr_x`);
});
