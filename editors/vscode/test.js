// Activates the extension against stand-ins of the editor and the client, and looks at what it starts.
"use strict";

const assert = require("node:assert");
const Module = require("node:module");

const calls = [];
const clients = [];
class LanguageClient {
  constructor(id, name, program, options) {
    Object.assign(this, { id, name, program, options });
    clients.push(this);
  }
  async start() {
    if (this.program.command === "missing") throw new Error("spawn missing ENOENT");
    calls.push("start");
  }
  async stop() {
    calls.push("stop");
  }
}
let path = "sovereign";
const commands = {};
const errors = [];
const vscode = {
  workspace: { getConfiguration: () => ({ get: () => path }), createFileSystemWatcher: (glob) => ({ glob }) },
  commands: { registerCommand: (name, run) => (commands[name] = run) },
  window: { showErrorMessage: (words) => errors.push(words) },
};
const load = Module._load;
Module._load = (name, ...rest) => {
  if (name === "vscode") return vscode;
  if (name === "vscode-languageclient/node") return { LanguageClient, TransportKind: { stdio: 0 } };
  return load(name, ...rest);
};

(async () => {
  const { contributes, main } = require("./package.json");
  const extension = require(main);
  await extension.activate({ subscriptions: [] });
  assert.deepStrictEqual(clients[0].program, { command: "sovereign", args: ["lsp"], transport: 0 });
  assert.deepStrictEqual(clients[0].options.documentSelector, [{ scheme: "file", language: "toml" }]);
  assert.deepStrictEqual(Object.keys(commands), contributes.commands.map((command) => command.command));
  await commands["sovereign.restart"]();
  await extension.deactivate();
  assert.deepStrictEqual(calls, ["start", "stop", "start", "stop"]);
  path = "missing";
  await extension.activate({ subscriptions: [] });
  assert.match(errors[0], /^missing lsp does not start: spawn missing ENOENT/);
  await extension.deactivate();
  console.log("the extension starts, restarts and ends the server");
})();
