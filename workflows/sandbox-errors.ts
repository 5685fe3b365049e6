/**
 * Loaded into the sandbox before anything else. The SDK makes an error for every promise of a workflow, to have a stack
 * for `__stack_trace` queries: a millisecond of CPU a turn. Without frames it costs next to nothing. An error of a
 * workflow tells its name and message; whoever needs its stack replays the history, and replays keep the frames.
 */
Error.stackTraceLimit = 0;
