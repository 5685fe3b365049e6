import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Lower-case hex SHA-256 (FIPS 180-4) of a text's UTF-8 bytes. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

export function hmacSha256({ key, text }: { key: Buffer; text: string }): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}

/** Equality whose duration tells nothing about where two secrets differ; the lengths may show. */
export function constantTimeEqual(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
