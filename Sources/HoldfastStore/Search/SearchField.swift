internal import HoldfastDatabase
internal import HoldfastModel

/// A text of a task that the search looks through, beside the task's long text.
///
/// A new one is a line in ``all``, and a migration that makes the tables again (``SearchTables``).
struct SearchField: Sendable {
  /// The column's name in the index.
  let name: String
  /// How much more than a word of the long text one in here counts.
  let weight: Int64
  /// The same in PostgreSQL's four classes, of which the long text has the last.
  let label: String
  private let text: @Sendable (TaskEntry) -> String

  static let all = [
    SearchField(name: "filename", weight: 8, label: "A") { $0.filename.text },
    SearchField(name: "title", weight: 8, label: "A") { $0.graph.title },
    SearchField(name: "description", weight: 4, label: "B") { $0.description },
    SearchField(name: "goal", weight: 3, label: "C") { $0.goal },
  ]
  static let names = all.map(\.name).joined(separator: ", ")
  /// The weights of all fields and, as the last, the long text.
  static let weights = all.map(\.weight) + [1]
  static let labels = all.map(\.label) + ["D"]

  /// Of a longer text only so much is searched.
  private static let bytesMax = 16 * 1024

  /// Gives the part of a task's text that is searched.
  func withText<R>(of task: TaskEntry, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    var text = text(task)
    return try text.withUTF8 {
      try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer($0).prefix(Self.bytesMax)))
    }
  }
}
