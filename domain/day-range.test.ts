import { expect, test } from 'vitest';

import { dayRange, daysOf } from './day-range.ts';

const NEW_YEAR = { at: new Date('2026-12-31T23:30:00Z'), timeZone: 'UTC' };

test('without days a report tells of the last thirty, today included', () => {
  expect(dayRange({}, NEW_YEAR)).toEqual({ from: '2026-12-02', to: '2026-12-31' });
  expect(dayRange({ to: '2026-03-01' }, NEW_YEAR)).toEqual({ from: '2026-01-31', to: '2026-03-01' });
});

test('today is what the calendar says where the tenant is', () => {
  expect(dayRange({}, { ...NEW_YEAR, timeZone: 'Asia/Tokyo' })?.to).toBe('2027-01-01');
  expect(dayRange({}, { at: new Date('2027-01-01T02:00:00Z'), timeZone: 'America/Lima' })?.to).toBe('2026-12-31');
});

test('days do not run backwards, and are not too many', () => {
  expect(dayRange({ from: '2026-03-02', to: '2026-03-01' }, NEW_YEAR)).toBeNull();
  expect(dayRange({ from: '2026-03-01', to: '2026-05-31' }, NEW_YEAR)).not.toBeNull();
  expect(dayRange({ from: '2026-03-01', to: '2026-06-01' }, NEW_YEAR)).toBeNull();
});

test('each day once, also where clocks change', () => {
  expect(daysOf({ from: '2026-03-28', to: '2026-03-30' })).toEqual(['2026-03-28', '2026-03-29', '2026-03-30']);
  expect(daysOf({ from: '2024-02-28', to: '2024-03-01' })).toEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
});
