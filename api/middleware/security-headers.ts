import helmet from 'koa-helmet';
import type { Middleware } from 'koa';

/** Headers of every answer. The few HTML pages load nothing from elsewhere and cannot be framed. */
export function securityHeaders({ isHttps }: { isHttps: boolean }): Middleware {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'base-uri': ["'none'"],
        'connect-src': ["'self'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        'img-src': ["'self'", 'data:'],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        // On plain http this would send the browser to a port that speaks no TLS.
        ...(isHttps ? { 'upgrade-insecure-requests': [] } : {}),
      },
    },
    strictTransportSecurity: isHttps,
    // For browsers that do not know frame-ancestors.
    xFrameOptions: { action: 'deny' },
  });
}
