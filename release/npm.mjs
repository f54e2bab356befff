#!/usr/bin/env node
// Makes the npm packages of a release: one for each machine with the program in it, and `sovereign-compiler`, which depends on all of them
// and starts the one that npm has installed.
//
//   node release/npm.mjs OUT ARCHIVE...          ARCHIVE is what release/package.sh makes
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const NAME = "sovereign-compiler";
// What npm calls the machines that a release is built for. A static program runs beside any libc.
const MACHINES = {
  "x86_64-unknown-linux-musl": { os: "linux", cpu: "x64" },
  "aarch64-unknown-linux-musl": { os: "linux", cpu: "arm64" },
  "x86_64-apple-darwin": { os: "darwin", cpu: "x64" },
  "aarch64-apple-darwin": { os: "darwin", cpu: "arm64" },
};

const START = `#!/usr/bin/env node
const { spawnSync } = require("node:child_process");
const name = \`${NAME}-\${process.platform}-\${process.arch}\`;
let program;
try {
  program = require.resolve(\`\${name}/sovereign\`);
} catch {
  console.error(\`error: there is no \${name}; install without --no-optional, or build sovereign from source\`);
  process.exit(3);
}
const ended = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (ended.error) console.error(\`error: \${ended.error.message}\`);
process.exit(ended.status ?? 3);
`;

const common = (version) => ({
  version,
  license: "Apache-2.0",
  repository: "github:openova-io/sovereign",
  description: "Compiles one typed sovereign.toml into the complete Flux tree of an OpenOva Sovereign",
});

const write = (directory, manifest) =>
  writeFileSync(join(directory, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);

const [out, ...archives] = process.argv.slice(2);
if (!out || archives.length === 0) {
  console.error("usage: node release/npm.mjs OUT ARCHIVE...");
  process.exit(2);
}
let version;
const machines = {};
for (const archive of archives) {
  const found = /^sovereign-(\d+\.\d+\.\d+)-(.+)\.tar\.gz$/.exec(basename(archive));
  const machine = MACHINES[found?.[2]];
  if (!machine || (version && version !== found[1])) {
    console.error(`error: ${archive} is no archive of this release`);
    process.exit(1);
  }
  version = found[1];
  const name = `${NAME}-${machine.os}-${machine.cpu}`;
  const directory = join(out, name);
  mkdirSync(directory, { recursive: true });
  execFileSync("tar", ["-xzf", archive, "-C", directory, "--strip-components=1", `${basename(archive, ".tar.gz")}/sovereign`]);
  chmodSync(join(directory, "sovereign"), 0o755);
  write(directory, { name, ...common(version), os: [machine.os], cpu: [machine.cpu], files: ["sovereign"] });
  machines[name] = version;
}
const directory = join(out, NAME);
mkdirSync(directory, { recursive: true });
writeFileSync(join(directory, "sovereign.cjs"), START, { mode: 0o755 });
write(directory, {
  name: NAME,
  ...common(version),
  bin: { sovereign: "sovereign.cjs" },
  files: ["sovereign.cjs"],
  optionalDependencies: machines,
});
console.log(directory);
