internal import HoldfastDatabase
internal import HoldfastModel

/// Looks again at rows that did not match at first sight, and says what differs.
///
/// A row's patches may be spread over the events of several tasks (a signal that was about no task
/// yet), so each suspect is folded from the whole log. A store without damage has few of them or none.
final class VerifySuspects {
  private let database: any Database
  private let findings: VerifyFindings
  private let progress: @Sendable (StoreProgress) throws -> Void

  private static let suspectsPerRound = 2000
  private static let columnsMax = 4

  private static let events: SQL =
    "SELECT seq, data FROM events WHERE seq > ?1 ORDER BY seq"

  init(
    database: any Database, findings: VerifyFindings,
    progress: @escaping @Sendable (StoreProgress) throws -> Void
  ) {
    self.database = database
    self.findings = findings
    self.progress = progress
  }

  func run() throws {
    let suspects = findings.suspects.sorted { ($0.table, $0.id) < ($1.table, $1.id) }
    for start in stride(from: 0, to: suspects.count, by: Self.suspectsPerRound) {
      try look(at: suspects[start..<min(start + Self.suspectsPerRound, suspects.count)])
      try progress(
        StoreProgress(
          "looking at differences", unit: "rows", done: start + Self.suspectsPerRound,
          total: suspects.count))
    }
  }

  private func look(at suspects: ArraySlice<Fold.RowKey>) throws {
    let wanted = Set(suspects)
    var fold = Fold()
    var through: Int64 = .min
    var place = suspects.startIndex
    while place < suspects.endIndex {
      try database.read { view in
        let isFolded = try view.query(Self.events, [.int(through)]) { row in
          through = row.int(0)
          // What cannot be read was said when the event was met first.
          _ = fold.apply(row, sequence: 0, data: 1, only: wanted)
          return !view.stepIsOver
        }
        guard isFolded else { return }
        repeat {
          try compare(suspects[place], fold[suspects[place]], view)
          place += 1
        } while place < suspects.endIndex && !view.stepIsOver
      }
    }
  }

  private func compare(
    _ key: Fold.RowKey, _ folded: [SQLValue]?, _ view: any ReadTransaction
  ) throws {
    let table = LoggedTable.all[key.table]
    let stored = try view.first(table.row, [.int(key.id)]) { row in
      table.table.columns.map { row.value($0.index + 1) }
    }
    let name = "\(table.noun.capitalizedFirst) \(key.id)\(title(table, stored ?? folded))"
    switch (stored, folded) {
    case (nil, nil): return
    case (nil, .some): findings.add("\(name) is in the history, but its row is missing.")
    case (.some, nil): findings.add("\(name) has a row, but no history.")
    case (let stored?, let folded?):
      let columns = table.table.columns.filter {
        $0.isLogged && stored[$0.index] != folded[$0.index]
      }
      guard !columns.isEmpty else { return }
      let parts = columns.prefix(Self.columnsMax).map {
        "\($0.name) is \(shown(stored[$0.index])), its history says \(shown(folded[$0.index]))"
      }
      let rest = columns.count - parts.count
      findings.add(
        "\(name) differs from its history: \(parts.joined(separator: "; "))"
          + (rest > 0 ? "; and \(rest) more columns." : "."))
    }
  }

  /// The row's own name, where it has one.
  private func title(_ table: LoggedTable, _ values: [SQLValue]?) -> String {
    for name in ["filename", "name", "title", "plan_file"] {
      guard let column = table.table.column(named: name),
        case .text(let text)? = values?[column.index],
        !text.isEmpty
      else { continue }
      return " (\(shown(.text(text))))"
    }
    return ""
  }

  private func shown(_ value: SQLValue) -> String {
    switch value {
    case .null: return "unset"
    case .int(let number): return "\(number)"
    case .text(let text):
      let scalars = text.unicodeScalars.prefix(40)
      let isCut = scalars.count < text.unicodeScalars.count
      return String(String.UnicodeScalarView(scalars)).quoted + (isCut ? "…" : "")
    case .bytes(let bytes): return "\(bytes.count) bytes"
    }
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
