export interface Surroundings {
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
  toolsFolder?: string;
}
export function ensureTemporal(surroundings: Surroundings): Promise<void>;
