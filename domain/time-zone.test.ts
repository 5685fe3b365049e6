import { expect, test } from 'vitest';

import { isTimeZone } from './time-zone.ts';

test.each(['UTC', 'Europe/Madrid', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata', 'Etc/GMT+5'])(
  '%s is a time zone',
  (name) => expect(isTimeZone(name)).toBe(true),
);

test.each(['', 'Europe', 'Europe/Atlantis', '+01:00', 'CET', '../etc/passwd', 'Europe/Madrid; drop table', 'utc '])(
  '%j is none',
  (name) => expect(isTimeZone(name)).toBe(false),
);
