import { expect, test } from 'vitest';

import { LANGUAGES } from './languages.ts';
import { inviteMail, passwordMail } from './mail-texts.ts';

const LINK = 'https://bob.example/portal/invite#token=bob_in_x';

test.each(LANGUAGES)('an invite in %s names the business and holds its link on a line of its own', (language) => {
  const { subject, text } = inviteMail({ language, businessName: 'Acme', name: 'Anna', link: LINK, days: 7 });
  expect(subject).toContain('Acme');
  expect(text).toContain('Acme');
  expect(text.split('\n')[0]).toContain('Anna');
  expect(text.split('\n')).toContain(LINK);
  expect(text).toMatch(/\b7\b/);
});

test.each(LANGUAGES)('a mail for a new password in %s holds its link on a line of its own', (language) => {
  const { subject, text } = passwordMail({ language, link: LINK });
  expect(subject).toContain('Bob');
  expect(text.split('\n')).toContain(LINK);
});

test('no two languages say the same', () => {
  const texts = LANGUAGES.map((language) => passwordMail({ language, link: LINK }).text);
  const invites = LANGUAGES.map(
    (language) => inviteMail({ language, businessName: 'Acme', name: null, link: LINK, days: 7 }).text,
  );
  expect(new Set([...texts, ...invites]).size).toBe(2 * LANGUAGES.length);
});
