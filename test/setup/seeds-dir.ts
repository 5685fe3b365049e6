import process from 'node:process';

/** Where the vendor's pages lie: SEEDS_DIR, or the folder beside the checkout. Without it our copies run alone. */
export function seedsDir(): string {
  return process.env['SEEDS_DIR'] ?? new URL('../../../shared/seeds', import.meta.url).pathname;
}
