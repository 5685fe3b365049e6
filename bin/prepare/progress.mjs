/** Every line carries the seconds since the start, so that a wait explains itself. */
export function startProgress(write = (text) => process.stdout.write(text)) {
  const start = performance.now();
  return (line) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
    write(`${seconds} s  ${line}\n`);
  };
}

/** Says where a long piece of work stands every few seconds, until it is over. */
export async function withTicks(tick, work, everyMs = 5000) {
  const timer = setInterval(tick, everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
