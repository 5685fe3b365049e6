import { expect, test } from 'vitest';

import { laneWorkflowId } from './lane-messages.ts';

test('an endpoint has one workflow, named by its UUID', () => {
  const id = laneWorkflowId('whk_01a1fd9f29c1736dba2d6f7404870758');
  expect(id).toBe('webhook-endpoint/01a1fd9f-29c1-736d-ba2d-6f7404870758');
});
