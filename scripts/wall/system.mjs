// Starts `ikm up` in a directory of its own and fills it by its public doors: the register's files, and HTTP.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const IKM = ".venv/bin/ikm";
const READY_WITHIN_S = 180;
const STOP_WITHIN_S = 30;
const MOST_IN_A_POST = 500;

/** A running system: `get`, `post` and `put` with its admin key, and the link that logs a browser in. */
export class System {
  static async start() {
    const folder = mkdtempSync(join(tmpdir(), "ikm-wall-"));
    const home = join(folder, "ikm");
    const log = openSync(join(folder, "up.log"), "w");
    const up = spawn(IKM, ["up", "--no-sample", "--port", "0", "--data-dir", home], { stdio: ["ignore", log, log] });
    const system = new System(folder, home, up);
    try {
      await system.ready();
    } catch (error) {
      await system.stop();
      throw error;
    }
    return system;
  }

  constructor(folder, home, up) {
    Object.assign(this, { folder, home, up });
  }

  async ready() {
    const said = () => readFileSync(join(this.folder, "up.log"), "utf8");
    for (let waited = 0; !existsSync(join(this.home, "endpoints.json")); waited += 0.2) {
      if (this.up.exitCode !== null || waited > READY_WITHIN_S) throw new Error(`ikm up is not ready:\n${said()}`);
      await pause(200);
    }
    this.address = JSON.parse(readFileSync(join(this.home, "endpoints.json"), "utf8")).api;
    this.key = readFileSync(join(this.home, "admin.key"), "utf8").trim();
    for (;;) {
      this.login = /http\S+\/login\?token=\S+/.exec(said())?.[0];
      if (this.login) return;
      await pause(100);
    }
  }

  register(files) {
    const done = spawnSync(IKM, ["registry", "apply", files, "--data-dir", this.home], { encoding: "utf8" });
    if (done.status !== 0) throw new Error(`ikm registry apply ${files}: ${done.stdout}${done.stderr}`);
  }

  async ask(method, path, body) {
    const headers = { authorization: `Bearer ${this.key}`, "content-type": "application/json" };
    return await fetch(this.address + path, { method, headers, body: body && JSON.stringify(body) });
  }

  /** The JSON of an answer; whatever is not 2xx is an error. */
  async call(method, path, body) {
    const answer = await this.ask(method, path, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return JSON.parse(text);
  }

  /** Posts answers and waits until windows and periods of their units include them. */
  async answer(responses) {
    const positions = new Map();
    for (let at = 0; at < responses.length; at += MOST_IN_A_POST) {
      const part = responses.slice(at, at + MOST_IN_A_POST);
      const done = await this.call("POST", "/v1/responses", part);
      if (done.rejected.length) throw new Error(`rejected: ${JSON.stringify(done.rejected[0])}`);
      for (const { unit } of part) positions.set(unit, done.position);
    }
    for (const [unit, position] of positions) {
      for (const read of ["window=30d", `period=${new Date().getFullYear()}`]) {
        while ((await this.ask("GET", `/v1/units/${unit}/index?${read}&after=${position}`)).status === 504);
      }
    }
  }

  async stop() {
    this.up.kill("SIGTERM");
    for (let waited = 0; this.up.exitCode === null && this.up.signalCode === null && waited < STOP_WITHIN_S; waited += 0.1) {
      await pause(100);
    }
    this.up.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
