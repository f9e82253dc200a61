import HoldfastJSON
import HoldfastModel

/// What a database of task-graph-mcp has no place for, as a person reads it.
enum ExportText {
  /// The tasks of one status that are named.
  private static let namedMax = 5

  static func printLosses(_ report: JSON, to output: Console) {
    for status in report["statuses"]?.arrayValue ?? [] {
      let count = status["count"]?.int64Value ?? 0
      let names = (status["tasks"]?.arrayValue ?? []).prefix(namedMax).compactMap(\.stringValue)
      let more = count > namedMax ? " and \(count - Int64(names.count)) more" : ""
      output.note(
        "\(count.of("task")) of the workflow \(status.text("workflow")): "
          + "\(status.text("status")) is not known there and became \(status.text("became")): "
          + names.joined(separator: ", ") + more)
    }
    let leftOut = report["left_out"]?.int64Value ?? 0
    if leftOut > 0 {
      output.note("left out, without a place there: \(leftOut) edges that hold nothing and tags")
    }
  }
}
