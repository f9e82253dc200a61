import HoldfastJSON
import HoldfastModel
import HoldfastStore
import HoldfastTesting
import Testing

/// Random histories of tasks and searches, against a model that only looks for words.
@Suite struct SearchHistoryTests {
  private static let words = ["alpha", "beta", "gamma", "alphabet", "delta", "Été", "x"]

  /// What is searched of a task.
  private struct Texts {
    var filename: String
    var description = ""
    var goal = ""
    var content = ""
    var isDeleted = false

    /// The words of each text; in lower case, without diacritics.
    var words: [[String]] {
      [filename, description, goal, content].map { text in
        text.lowercased().replacing("é", with: "e").split { !$0.isLetter && !$0.isNumber }
          .map(String.init)
      }
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `a search finds what has the words`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let backing = try TestStore()
    var model: [String: Texts] = [:]
    for step in 0..<400 {
      try change(step, &model, backing.store, &random)
      switch random.next() % 20 {
      case 0: try backing.store.search.catchUp()
      case 1 where step % 5 == 0: _ = try SearchRebuild().run(on: backing.store)
      default: break
      }
      guard step % 3 == 0 else { continue }
      let (query, holds) = query(&random)
      let found = try names(query, backing.store)
      let expected = model.values.filter { !$0.isDeleted && holds($0.words) }.map(\.filename)
      #expect(found.sorted() == expected.sorted(), "seed \(seed), step \(step): \(query)")
    }
    #expect(try Verify().run(on: backing.store).isClean)
  }

  @Test func `the order is the same before and after indexing`() throws {
    var random = SeededGenerator(seed: 9)
    let backing = try TestStore()
    var model: [String: Texts] = [:]
    for step in 0..<150 { try change(step, &model, backing.store, &random) }
    let queries = ["alpha", "beta gamma", "alph*", "\"alpha beta\"", "delta -x"]
    let before = try queries.map { try names($0, backing.store) }
    #expect(before.contains { $0.count > 5 })
    try backing.store.search.catchUp()
    #expect(try queries.map { try names($0, backing.store) } == before)
  }

  private func names(_ query: String, _ store: Store) throws -> [String] {
    var names: [String] = []
    var cursor: String?
    repeat {
      var fields: [(String, JSON)] = [("project", "p"), ("q", .string(query)), ("limit", 30)]
      if let cursor { fields.append(("cursor", .string(cursor))) }
      let answer = try store.list("task_search", fields)
      names += answer["tasks"]?.arrayValue?.map { $0["filename"]?.stringValue ?? "" } ?? []
      cursor = answer["next_cursor"]?.stringValue
    } while cursor != nil
    return names
  }

  private func text(_ random: inout SeededGenerator) -> String {
    (0..<Int(random.next() % 6)).map { _ in Self.words.randomElement(using: &random) ?? "" }
      .joined(separator: [" ", ", ", "-", "\n"].randomElement(using: &random) ?? " ")
  }

  private func change(
    _ step: Int, _ model: inout [String: Texts], _ store: Store, _ random: inout SeededGenerator
  ) throws {
    let place: [(String, JSON)] = [("project", "p")]
    let name = model.keys.sorted().randomElement(using: &random)
    guard let name, var task = model[name], random.next() % 3 > 0 else {
      let word = Self.words.prefix(4).randomElement(using: &random) ?? ""
      let task = Texts(
        filename: "\(word)-\(step)", description: text(&random), content: text(&random))
      try store.mutate(
        "task_create",
        place + [
          ("filename", .string(task.filename)), ("description", .string(task.description)),
          ("content", .string(task.content)),
        ])
      model[task.filename] = task
      return
    }
    let reference = place + [("task", .string(name))]
    if random.next() % 9 == 0 {
      try store.mutate("task_delete", reference + [("hard", true)])
      model[name] = nil
      return
    }
    if task.isDeleted {
      try store.mutate("task_restore", reference)
      task.isDeleted = false
    } else {
      switch random.next() % 6 {
      case 0:
        task.goal = text(&random)
        try store.mutate("goal_set", reference + [("goal", .string(task.goal))])
      case 1:
        try store.mutate("task_delete", reference)
        task.isDeleted = true
      case 2:
        model[name] = nil
        task.filename = "beta-\(step)"
        try store.mutate("task_rename", reference + [("new_filename", .string(task.filename))])
      case 3:
        task.description = text(&random)
        try store.mutate("task_patch", reference + [("description", .string(task.description))])
      default:
        task.content = text(&random)
        try store.mutate("content_set", reference + [("content", .string(task.content))])
      }
    }
    model[task.filename] = task
  }

  /// A query, and whether it holds for the words of a task.
  private func query(_ random: inout SeededGenerator) -> (String, ([[String]]) -> Bool) {
    let folded = Self.words.map { $0.lowercased().replacing("é", with: "e") }
    let first = folded.randomElement(using: &random) ?? ""
    let second = folded.randomElement(using: &random) ?? ""
    func has(_ word: String, _ words: [[String]]) -> Bool { words.contains { $0.contains(word) } }
    switch random.next() % 5 {
    case 0: return (first, { has(first, $0) })
    case 1: return ("\(first) \(second)", { has(first, $0) && has(second, $0) })
    case 2:
      guard first != second else { return (first, { has(first, $0) }) }
      return ("\(first) -\(second)", { has(first, $0) && !has(second, $0) })
    case 3:
      let start = String(first.prefix(2))
      guard start.count == 2 else { return (first, { has(first, $0) }) }
      return ("\(start)*", { $0.joined().contains { $0.hasPrefix(start) } })
    default:
      return (
        "\"\(first) \(second)\"",
        {
          $0.contains { words in zip(words, words.dropFirst()).contains { $0 == (first, second) } }
        }
      )
    }
  }
}
