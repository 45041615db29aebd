'use strict';
// What the check programs for Node.js have in common.

/** The URIs of the options --uri URI, which may be repeated; the other options as NAME: value pairs. */
function parse(argv, known = {}) {
  const options = { uris: [] };
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i].replace(/^--/, '');
    if (argv[i + 1] === undefined || !(argv[i] === '--uri' || name in known)) {
      throw new Error(`'${argv[i]}' is not an option with a value: --uri${Object.keys(known).map((k) => `, --${k}`).join('')}`);
    }
    if (name === 'uri') options.uris.push(argv[i + 1]);
    else options[name] = argv[i + 1];
  }
  if (options.uris.length === 0) options.uris = [5672, 5673, 5674].map((port) => `amqp://guest:guest@127.0.0.1:${port}/%2F`);
  return options;
}

function check(name, ok, seen) {
  console.log(`${ok ? 'PASS' : 'FAIL'} ${name}: ${seen}`);
  if (!ok) process.exitCode = 1;
}

/** What the promise gives, or an error that names what was waited for. */
function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing for ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Waits until the condition, which may be asynchronous, holds. */
async function until(seconds, what, condition) {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs the program and sets the exit code: 1 after a FAIL, or if it ends early. */
function run(main) {
  main().then(
    () => process.exit(process.exitCode || 0),
    (error) => {
      console.log(`FAIL ${error.message}`);
      console.error(error);
      process.exit(1);
    },
  );
}

module.exports = { parse, check, within, until, run };
