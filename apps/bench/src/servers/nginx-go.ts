// nginx, fastcgi_pass, and Go's net/http/fcgi on one processor. Its CPU time is the kernel's figure.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HELLO } from "../bodies.ts";
import type { Serve } from "../column.ts";
import type { CpuUsage } from "../messages.ts";
import { HAS_NGINX, behindNginx } from "../nginx.ts";
import { listens, startProgram, usageOf } from "../other-process.ts";

const PROGRAM = `package main

import (
	"io"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
)

func main() {
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		panic(err)
	}
	body := os.Args[2]
	fcgi.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, body)
	}))
}
`;

let pid = 0;

export const serve: Serve = async (endpoint) => {
  if (endpoint !== "hello" || !HAS_NGINX || spawnSync("go", ["version"]).error !== undefined) return null;
  const folder = mkdtempSync(join(tmpdir(), "tsgi-bench-go-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "main.go"), PROGRAM);
  const binary = join(folder, "server");
  // The standard library takes Go half a minute to compile: it is kept for the next time.
  const cache = join(tmpdir(), `tsgi-bench-go-cache-${process.getuid?.() ?? 0}`);
  const env = { PATH: process.env["PATH"] ?? "", GOCACHE: cache, GO111MODULE: "off", CGO_ENABLED: "0" };
  execFileSync("go", ["build", "-o", binary, join(folder, "main.go")], { cwd: folder, env });
  const socket = join(folder, "go.sock");
  pid = startProgram(binary, [socket, HELLO]);
  await listens(socket);
  return behindNginx(endpoint, { address: `unix:${socket}`, protocol: "fastcgi" });
};

/** The Go program's, in place of this process's. */
export const usage = (): CpuUsage => usageOf(pid);
