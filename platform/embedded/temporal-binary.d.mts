interface Places {
  home?: string | undefined;
  toolsFolder?: string | undefined;
  path?: string | undefined;
}

export interface FoundTemporal {
  binary: string | null;
  from: 'PATH' | 'cache' | null;
  /** A sentence about a `temporal` on PATH that was passed over. */
  tooOld: string | null;
}

export const TOOLS_FOLDER: string;
export function cachedTemporal(places?: Omit<Places, 'path'>): string;
export function findTemporal(places?: Places): Promise<FoundTemporal>;
export function isNewEnough(versionLine: string): boolean;
