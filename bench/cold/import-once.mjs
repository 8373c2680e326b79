// Imports one module and says how long that took. Whoever starts this process times the whole of it.
const before = performance.now();
await import(process.argv[2] ?? '');
process.stdout.write(String(performance.now() - before));
