import { ThreadedVMWorkflowCreator } from '@temporalio/worker/lib/workflow/threaded-vm.js';

const createWatched = ThreadedVMWorkflowCreator.create.bind(ThreadedVMWorkflowCreator);

/**
 * The SDK calls into its sandbox with a time limit, six times a turn, and Node starts a thread for each to watch over
 * it. Workers created after this have no limit: a workflow that never comes to rest then holds its thread for ever,
 * instead of failing its task after five seconds. The SDK has no option for it, so this goes by its inner parts.
 */
export function chooseSandbox({ isFast }: { isFast: boolean }): void {
  ThreadedVMWorkflowCreator.create = isFast ? (options) => createWatched(withoutLimit(options)) : createWatched;
}

type CreatorOptions = Parameters<typeof createWatched>[0];

function withoutLimit(options: CreatorOptions): CreatorOptions {
  // Node's vm takes undefined for no limit; the SDK passes on what it is given.
  return Object.assign({}, options, { isolateExecutionTimeoutMs: undefined });
}
