import { Problem } from '#contract/problems.ts';

export function noConversation(): Problem {
  return new Problem('not-found', { detail: 'No conversation has this session_id.' });
}
