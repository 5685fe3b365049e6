import { isIP, Socket } from 'node:net';

/** The part of a socket that the guard needs; a test hands in one that goes nowhere. */
export interface Connecting {
  connect(...args: unknown[]): unknown;
  destroy(error: Error): unknown;
}

/**
 * Refuses every connection but those to this machine, before a name is looked up or a packet leaves. Returns the list
 * that refused hosts are added to.
 */
export function allowLoopbackOnly(prototype: Connecting = Socket.prototype): string[] {
  const refused: string[] = [];
  const { connect } = prototype;
  prototype.connect = function guarded(this: Connecting, ...args: unknown[]): unknown {
    const host = hostOf(args);
    if (isLoopback(host)) return Reflect.apply(connect, this, args);
    refused.push(host);
    this.destroy(new Error(`a test tried to reach ${host}; only loopback is allowed`));
    return this;
  };
  return refused;
}

function hostOf(args: readonly unknown[]): string {
  // net.connect normalizes its arguments into one array; a socket's own connect takes them as they come.
  const [first, second]: readonly unknown[] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first !== 'object' || first === null) return typeof second === 'string' ? second : 'localhost';
  if ('path' in first && typeof first.path === 'string') return 'localhost';
  return 'host' in first && typeof first.host === 'string' ? first.host : 'localhost';
}

function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === 'localhost' || host === '::1' || host.startsWith('::ffff:127.');
}
