// A vitest reporter that ends the output with "N passed, N failed, N skipped", for people and programs that read the last line.

export default class ClosingLine {
  onTestRunEnd(modules, errors) {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state === "pending" ? "skipped" : state] += 1;
      }
      if (module.errors().length > 0) count.failed += 1;
    }
    process.on("exit", () =>
      console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`),
    );
  }
}
