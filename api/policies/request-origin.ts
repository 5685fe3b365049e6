/** Whether the browser says that a page of another site sent this. No Origin: not a browser's cross-site call. */
export function isForeignOrigin({ origin, ownOrigin }: { origin: string; ownOrigin: string }): boolean {
  return origin !== '' && origin !== ownOrigin;
}

export interface OriginClaims {
  fetchSite: string;
  origin: string;
  ownOrigin: string;
}

/** What a change by cookie needs: the browser's own word that our page sent it (Fetch Metadata, or Origin). */
export function isProvenSameOrigin({ fetchSite, origin, ownOrigin }: OriginClaims): boolean {
  if (fetchSite !== '') return fetchSite === 'same-origin';
  return origin === ownOrigin;
}
