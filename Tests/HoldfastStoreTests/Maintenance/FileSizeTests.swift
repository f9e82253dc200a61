import HoldfastDatabase
import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// How large the file of a store becomes.
@Suite struct FileSizeTests {
  private let folder = TemporaryFolder()

  @Test func `many updates of one task cost their history and nothing else`() throws {
    let file = StoreFile(folder.file("taskstore.db"))
    let text = [UInt8](repeating: 0x78, count: 500)
    try file.open { store in
      try store.mutate("task_create", [("project", "p"), ("filename", "t")])
      for number in 0..<3000 {
        try store.mutate(
          "goal_set", [("project", "p"), ("task", "t"), ("goal", .string("goal \(number)"))])
        guard number.isMultiple(of: 3) else { continue }
        try store.mutate(
          "content_set",
          [
            ("project", "p"), ("task", "t"),
            ("content", .string(String(decoding: text, as: UTF8.self) + "\(number)")),
          ])
      }
    }
    let report = try file.open { try StoreStatus(location: file.path).run(on: $0) }
    let events = try #require(report.events)
    let history = try #require(report.historyTextBytes)
    #expect(events == report.lastSequence && events > 4000)
    #expect(history + report.textBytes > 1000 * 500)
    // A change of a word costs its event with the indexes of the log: some 200 bytes.
    guard case .file(let size, _) = report.size else { throw TestFailure("no file") }
    let log = report.space.filter { $0.name.hasPrefix("events") }.reduce(0) { $0 + $1.bytes }
    #expect(log < history + report.textBytes + events * 300, "\(log)")
    // A table or index without rows takes a page; they do not grow with the updates.
    #expect(size - log < 688 * 1024, "\(size - log)")
    // Status says where all of it is.
    #expect(report.space.first?.name == "events")
    #expect(
      report.space.allSatisfy {
        $0.what != $0.name
          || [
            "tasks", "subtasks", "dependencies", "topics", "projects", "signals",
          ].contains($0.name)
      })
    #expect(report.space.reduce(0) { $0 + $1.bytes } + (report.freeBytes ?? 0) == size)
  }
}
