/** Secure cookies and TLS-only headers follow the address browsers see, not the connection that reaches us. */
export function isPublishedOnHttps(publicUrl: string | undefined): boolean {
  return publicUrl?.startsWith('https:') ?? false;
}
