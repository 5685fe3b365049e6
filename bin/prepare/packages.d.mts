export function ensurePackages(where: {
  root: string;
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
}): Promise<void>;
