import type { ParameterizedContext } from 'koa';

/** The `__Host-` prefix binds the cookie to this host and to TLS; browsers refuse it on plain http. */
export function sessionCookieName({ isHttps }: { isHttps: boolean }): string {
  return isHttps ? '__Host-bob' : 'bob';
}

export interface SessionCookie {
  token: string;
  expiresAt: Date;
  isHttps: boolean;
}

export function setSessionCookie(ctx: ParameterizedContext, { token, expiresAt, isHttps }: SessionCookie): void {
  // TLS may end before us, where Koa sees a plain connection and would refuse to send the cookie.
  ctx.cookies.secure = isHttps;
  ctx.cookies.set(sessionCookieName({ isHttps }), token, {
    httpOnly: true,
    sameSite: 'lax',
    secure: isHttps,
    signed: false,
    expires: expiresAt,
    overwrite: true,
  });
}

export function clearSessionCookie(ctx: ParameterizedContext, { isHttps }: { isHttps: boolean }): void {
  setSessionCookie(ctx, { token: '', expiresAt: new Date(0), isHttps });
}
