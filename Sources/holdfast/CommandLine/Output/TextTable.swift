/// Rows of aligned columns.
///
///     var table = TextTable([.init("status"), .init("file", isFlexible: true), .init("branch")])
///     table.add(["ready", "fix-login", "plan/fix-login"])
///     output.table(table)
///
/// A cell is one line: line breaks and other control characters in it are always made visible, so
/// that no value can forge a row.
struct TextTable: Sendable {
  /// One column.
  struct Column: Sendable {
    /// The title above it; a table without any title has no line of titles.
    let title: String
    /// Whether its cells end at the same place, as numbers should.
    let isRight: Bool
    /// Whether its cells are cut when the table is wider than the terminal.
    let isFlexible: Bool

    /// A column.
    init(_ title: String = "", isRight: Bool = false, isFlexible: Bool = false) {
      self.title = title
      self.isRight = isRight
      self.isFlexible = isFlexible
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  /// The columns that a flexible column keeps, however narrow the terminal is.
  private static let flexibleWidthMin = 12

  /// A table without rows.
  init(_ columns: [Column]) {
    self.columns = columns
  }

  /// Whether there are no rows.
  var isEmpty: Bool { rows.isEmpty }

  /// Adds a row with a cell for each column.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a row has a cell for each column")
    rows.append(cells.map { VisibleText.line($0) })
  }

  /// The lines of the table.
  /// - Parameter width: The columns to fit into; nil when nothing is cut.
  /// - Returns: The lines without their line breaks, and without spaces at their ends.
  func lines(fitting width: Int? = nil) -> [String] {
    var all = rows
    if columns.contains(where: { !$0.title.isEmpty }) { all.insert(columns.map(\.title), at: 0) }
    var widths = columns.indices.map { index in
      all.reduce(0) { max($0, $1[index].displayWidth) }
    }
    if let width { shrink(&widths, to: width) }
    return all.map { line($0, widths: widths) }
  }

  private func line(_ cells: [String], widths: [Int]) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
      let shown = cell.prefix(displayWidth: widths[index])
      if index > 0 { line += "  " }
      line +=
        columns[index].isRight
        ? String(repeating: " ", count: widths[index] - shown.displayWidth) + shown
        : shown.padded(to: widths[index])
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  /// Takes columns from the widest flexible one until the table fits or none can give more.
  private func shrink(_ widths: inout [Int], to width: Int) {
    var excess = widths.reduce(2 * (widths.count - 1), +) - width
    while excess > 0 {
      let candidates = columns.indices.filter {
        columns[$0].isFlexible && widths[$0] > Self.flexibleWidthMin
      }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
      widths[widest] -= 1
      excess -= 1
    }
  }
}

extension Console {
  /// Adds a table to the results, cut to the width of the terminal if there is one.
  func table(_ table: TextTable) {
    for line in table.lines(fitting: terminal.isOutput ? terminal.width : nil) { self.line(line) }
  }
}
