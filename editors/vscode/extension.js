// Starts `sovereign lsp` for the TOML files of a workspace that has a sovereign.toml, and ends it with the editor.
"use strict";

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

async function start() {
  const command = vscode.workspace.getConfiguration("sovereign").get("path");
  const program = { command, args: ["lsp"], transport: TransportKind.stdio };
  client = new LanguageClient("sovereign", "sovereign.toml", program, {
    documentSelector: [{ scheme: "file", language: "toml" }],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.toml") },
  });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    vscode.window.showErrorMessage(
      `${command} lsp does not start: ${error.message}. Install sovereign, or say in "sovereign.path" where it is.`,
    );
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

exports.activate = async (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand("sovereign.restart", async () => {
      await stop();
      await start();
    }),
  );
  await start();
};

exports.deactivate = stop;
