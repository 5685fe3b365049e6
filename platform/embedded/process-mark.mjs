import { readFileSync } from 'node:fs';

/**
 * A process id alone is not enough to know a process again: containers hand out the same small numbers at each start.
 * Where the system tells, the mark therefore carries the moment the process started as well.
 */
export function markOf(pid) {
  const start = startOf(pid);
  return start === null ? `${pid}` : `${pid}@${start}`;
}

/** True while the very process that was marked still runs (a zombie, ended but not yet collected, does not). */
export function stillRuns(mark) {
  const pid = Number.parseInt(mark, 10);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return false;
  return markOf(pid) === mark || !mark.includes('@');
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, under another user.
    return error.code === 'EPERM';
  }
  return stateOf(pid) !== 'Z';
}

function stateOf(pid) {
  return statOf(pid)?.[0] ?? null;
}

function startOf(pid) {
  return statOf(pid)?.[19] ?? null;
}

// The command name may hold spaces and brackets, so the fields are counted from the last bracket on (proc(5)).
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
