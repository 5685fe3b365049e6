import { describe, expect, test } from 'vitest';

import { isAllowedAddress, parseAllowedHosts } from './allowed-hosts.ts';

const LOOPBACK = '127.0.0.1,localhost';

function ruleOf(setting: string, url: string): string | null {
  return parseAllowedHosts(setting).refusalOf(url)?.rule ?? null;
}

describe('the list of hosts', () => {
  test.each([
    'http://127.0.0.1:8080/x',
    'http://127.1/',
    'http://2130706433/',
    'https://localhost/',
    'http://LOCALHOST:1',
  ])('%s is on the development list', (url) => expect(ruleOf(LOOPBACK, url)).toBeNull());

  test.each([
    'http://localhost.',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://0/',
    'http://example.com/',
    'http://10.0.0.1',
  ])('%s is not', (url) => expect(ruleOf(LOOPBACK, url)).toBe('host_not_allowed'));

  test('a port on the list is the only port of that host', () => {
    expect(ruleOf('127.0.0.1:8080', 'http://127.0.0.1:8080/')).toBeNull();
    expect(ruleOf('127.0.0.1:8080', 'http://127.0.0.1:8081/')).toBe('host_not_allowed');
    expect(ruleOf('127.0.0.1:80', 'http://127.0.0.1/')).toBeNull();
    expect(ruleOf('[::1]:80', 'http://[::1]/')).toBeNull();
  });

  test('an empty list allows nothing, and the refusal names rule and setting', () => {
    const refusal = parseAllowedHosts('').refusalOf('https://example.com/hook');
    expect(refusal).toMatchObject({ rule: 'host_not_allowed', setting: 'WEBHOOK_ALLOW_HOSTS' });
  });

  test.each([
    ['not a url', 'not_a_url'],
    ['ftp://127.0.0.1/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['http://user:secret@127.0.0.1/', 'credentials'],
  ])('%s is refused as %s', (url, rule) => expect(ruleOf(LOOPBACK, url)).toBe(rule));

  test.each(['http://x', 'host/path', 'a b'])('%s is no entry of the list', (entry) => {
    expect(() => parseAllowedHosts(entry)).toThrow('WEBHOOK_ALLOW_HOSTS');
  });
});

describe('the addresses a listed host may stand for', () => {
  test.each(['127.0.0.1', '::1', '10.0.0.1', '192.168.1.1', 'fd12::1', '::ffff:127.0.0.1', '1.1.1.1', '2606:4700::1'])(
    '%s',
    (address) => expect(isAllowedAddress(address)).toBe(true),
  );

  test.each([
    '169.254.169.254',
    '::ffff:a9fe:a9fe',
    '168.63.129.16',
    'fd00:ec2::254',
    'fd20:ce::254',
    '100.100.100.200',
    'fe80::1',
    'fe80::1%eth0',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    '255.255.255.255',
    'ff02::1',
    '',
    'localhost',
  ])('never %s', (address) => expect(isAllowedAddress(address)).toBe(false));
});
