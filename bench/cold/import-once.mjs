// Imports one module and prints how long that took. The parent process times the whole.
const before = performance.now();
await import(process.argv[2] ?? '');
process.stdout.write(String(performance.now() - before));
