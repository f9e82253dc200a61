private import CSystem
private import Glibc
import HoldfastJSON
import HoldfastModel

/// `bench`: measures a server with a load client, beside yardsticks in the same run.
enum BenchCommand {
  static func make() -> Command {
    Command(
      "bench", summary: "Measures a server beside nginx, Redis, PostgreSQL and this disk.",
      discussion: """
        Starts a server of its own over a new store, loads it with wrk and prints a table of what \
        was reached. Everything is on this machine: the load client takes its part of the same \
        processors. nginx and redis-server are measured the same way where they are installed. \
        Whatever is started is stopped again, and its files are removed. An answer that is a \
        refusal makes the run fail.

        With --engine postgresql the store is in a PostgreSQL cluster of the run's own with its \
        defaults, pgbench is the yardstick, and two servers over one database are compared with \
        one.

        With --server a running server is measured instead, as far as that goes from outside; what \
        is written stays there, in projects whose names begin with "bench-".
        """,
      examples: [
        Example("holdfast bench", "Measures everything, in ten to fifteen minutes."),
        Example("holdfast bench --quick --only create", "Measures creates, a second each."),
        Example("holdfast bench --engine postgresql", "Measures over PostgreSQL, in two minutes."),
      ],
      options: [
        .text(
          "server", "url", "Measures the server at this URL on this machine.",
          defaultNote: "one of its own", excludes: ["engine"]),
        .choice(
          "engine", "name", BenchEngine.allCases.map(\.rawValue), "What keeps the store.",
          defaultNote: BenchEngine.sqlite.rawValue),
        .text(
          "directory", "folder", "Where the stores of the measured programs are made.",
          defaultNote: "the current folder", hint: .folder),
        .integer("seconds", "n", "How long each measure takes.", in: 1...60, default: 5),
        .flag("quick", "Takes a second for each measure.", excludes: ["seconds"]),
        .choice(
          "only", "measure", BenchMeasure.allCases.map(\.rawValue),
          "Takes this measure alone; may be given more than once.", repeatable: true),
        .text("output", "file", "Writes the results as JSON into this file too.", hint: .file),
      ]
    ) { invocation in
      try run(invocation)
    }
  }

  private static func run(_ invocation: Invocation) throws -> Int32 {
    guard invocation.globals.store == nil else {
      throw HoldfastError(
        .usage,
        "bench makes a store of its own: choose its folder with --directory, or a running server "
          + "with --server")
    }
    let plan = try BenchPlan(invocation)
    let processes = try ChildProcesses()
    let folder = try ScratchFolder(
      in: plan.directory, hint: "choose another one with --directory")
    defer { folder.remove() }
    defer { processes.stopAll() }
    let bench = try Bench(plan, processes: processes, folder: folder, output: invocation.output)
    defer { bench.close() }

    var failure: (any Error)?
    do { try bench.run() } catch { failure = error }
    let output = invocation.output
    output.status(nil)
    if !bench.report.rows.isEmpty {
      output.show(bench.report.json) { bench.report.print(to: output) }
      output.flush()
    }
    if let failure { throw failure }
    if let file = plan.output { try write(bench.report.json.rendered() + [0x0A], to: file) }
    if let failure = bench.report.failure { throw failure }
    return 0
  }

  private static func write(_ bytes: [UInt8], to path: String) throws(HoldfastError) {
    let descriptor = holdfast_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    let failure = descriptor >= 0 ? DescriptorSink(descriptor: descriptor).write(bytes) : errno
    if descriptor >= 0 { close(descriptor) }
    guard failure == 0 else {
      throw HoldfastError(
        .internalError, "cannot write \(path): \(SystemFailure.sentence(failure))")
    }
  }
}

/// What a run of `bench` was asked for.
struct BenchPlan: Sendable {
  /// The running server to measure; nil for one of its own.
  let server: LoopbackAddress?
  /// What keeps the store of a server of its own.
  let engine: BenchEngine
  /// Where the temporary folder is made.
  let directory: String
  /// How long each measure takes.
  let seconds: Int
  /// What is measured, in order.
  let measures: [BenchMeasure]
  /// The file that takes the results.
  let output: String?

  init(_ invocation: Invocation) throws(HoldfastError) {
    if let url = invocation.text("server") {
      server = try LoopbackAddress(url: url)
    } else {
      server = nil
    }
    engine = invocation.text("engine").flatMap { BenchEngine(rawValue: $0) } ?? .sqlite
    directory = invocation.text("directory") ?? "."
    seconds = invocation.flag("quick") ? 1 : invocation.int("seconds") ?? 5
    let only = invocation.list("only")
    let known = engine.measures
    if let word = only.first(where: { word in !known.contains { $0.rawValue == word } }) {
      throw HoldfastError(
        .usage,
        "--only \(word) is not measured over \(engine.rawValue): choose among "
          + known.map(\.rawValue).joined(separator: ", "))
    }
    measures = known.filter { only.isEmpty || only.contains($0.rawValue) }
    output = invocation.text("output")
  }
}
