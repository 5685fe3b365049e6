import { QueueFull } from '#platform/bounded-run.ts';
import { hashPassword } from '#platform/passwords.ts';

import { signInBusy } from './sign-in-problem.ts';

/** The hash of a password somebody chose; whoever comes when too many wait is asked to come again. */
export async function hashNewPassword(plain: string): Promise<string> {
  try {
    return await hashPassword(plain);
  } catch (error) {
    if (error instanceof QueueFull) throw signInBusy();
    throw error;
  }
}
