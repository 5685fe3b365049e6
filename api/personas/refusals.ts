import { Problem } from '#contract/problems.ts';

/** Why a persona cannot be had or changed, in the words of the API. */
export function noPersona(): Problem {
  return new Problem('not-found', { detail: 'No persona has this id.' });
}

export function noVersion(): Problem {
  return new Problem('not-found', { detail: 'This persona has no version of this number.' });
}

export function staleDraft(contentHash: string): Problem {
  return new Problem('stale-draft', {
    detail: 'Somebody has saved other content since you read this persona. Read it again, then save.',
    extensions: { content_hash: contentHash },
  });
}
