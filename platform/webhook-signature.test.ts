import { createPublicKey, verify } from 'node:crypto';

import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';

import { systemClock } from './clock.ts';
import { newWebhookSecret, parseSigningKey, signWebhook, type SigningKey } from './webhook-signature.ts';

const PUBLISHED = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' };
const SYMMETRIC = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ASYMMETRIC = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
const V1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const V1A = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==';

function keyOf(text: string): SigningKey {
  const key = parseSigningKey(text);
  if (key === null) throw new Error('not a key');
  return key;
}

describe('the published vectors of Standard Webhooks', () => {
  test('an HMAC key gives the published v1 signature', () => {
    expect(signWebhook(PUBLISHED, [keyOf(SYMMETRIC)])).toBe(V1);
  });

  test('an ed25519 key gives the published v1a signature', () => {
    expect(signWebhook(PUBLISHED, [keyOf(ASYMMETRIC)])).toBe(V1A);
  });

  test('several live keys stand in one header, newest first', () => {
    expect(signWebhook(PUBLISHED, [keyOf(ASYMMETRIC), keyOf(SYMMETRIC)])).toBe(`${V1A} ${V1}`);
  });

  test('the published public key accepts the v1a signature', () => {
    const raw = Buffer.from('1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=', 'base64');
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const signed = Buffer.from(`${PUBLISHED.id}.${PUBLISHED.timestamp}.${PUBLISHED.body}`);
    expect(verify(null, signed, key, Buffer.from(V1A.slice(4), 'base64'))).toBe(true);
  });
});

test('an independent verifier accepts every body we sign, non-ASCII included', () => {
  fc.assert(
    fc.property(fc.json(), fc.string({ unit: 'grapheme' }), (json, word) => {
      const secret = newWebhookSecret();
      const body = JSON.stringify([json, word]);
      const timestamp = Math.floor(systemClock.now().getTime() / 1000);
      const signature = signWebhook({ id: 'evt_1', timestamp, body }, [keyOf(secret)]);
      const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': `${timestamp}`, 'webhook-signature': signature };
      expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
      expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow('No matching signature');
    }),
    { numRuns: 50 },
  );
});

test('a key that is too short, too long or of no known kind is refused', () => {
  const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;
  expect([23, 24, 64, 65].map((bytes) => parseSigningKey(secretOf(bytes)) !== null)).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(parseSigningKey('whsk_AAAA')).toBeNull();
  expect(parseSigningKey('secret')).toBeNull();
});
