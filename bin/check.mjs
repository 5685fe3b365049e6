// Runs the gates of docs/ARCHITECTURE.md. Plain JavaScript, so that an old Node hears a sentence, not a syntax error.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 24 || (major === 24 && minor < 18)) {
  process.stderr.write(`The gates need Node 24.18 or newer; this is ${process.versions.node}. Run them through npm.\n`);
  process.exit(1);
}
await import('../tools/check/main.ts');
