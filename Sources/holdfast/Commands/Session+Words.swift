import HoldfastClient
import HoldfastJSON
import HoldfastModel

// A wrong word in a filter would give an empty list, which says something else.
extension Session {
  /// Refuses a status that no task of the project can have.
  func check(status: String) throws {
    guard !Workflow.builtInWords.contains(TaskStatus(stored: status)) else { return }
    var words = Workflow.builtInStatuses.map(\.text)
    do {
      guard try runInProject("project_get")["accepts_any_status"]?.boolValue != true else { return }
      let workflows = try runInProject("workflow_list")["workflows"]?.arrayValue ?? []
      for own in workflows.flatMap({ $0["statuses"]?.arrayValue ?? [] }) {
        let name = own.text("name")
        let read = [.string(name)] + (own["aliases"]?.arrayValue ?? [])
        guard !read.contains(.string(status)) else { return }
        if !words.contains(name) { words.append(name) }
      }
    } catch let failure as HoldfastError where failure.code == .notAvailable {
      // A server that is not ours may have statuses of its own.
      return
    } catch let failure as HoldfastError where failure.code == .notFound {
      // The project has no words of its own, because it is not there.
    }
    throw HoldfastError(
      .invalidField,
      "invalid status: \(status.quoted); must be one of \(words.joined(separator: ", "))"
        + EditDistance.hintOfBeginning(status, among: words))
  }

  /// Refuses a workflow that the project does not have.
  func check(workflow: String) throws {
    let workflows = try runInProject("workflow_list")["workflows"]?.arrayValue ?? []
    let names = workflows.map { $0.text("name") }
    guard !names.contains(workflow) else { return }
    throw HoldfastError(
      .notFound,
      "there is no workflow \(workflow.quoted): there are \(names.joined(separator: ", "))"
        + EditDistance.hint(workflow, among: names))
  }

  /// Refuses a topic that the project does not have.
  func check(topic: String) throws {
    let topics = try runInProject("topic_list")["topics"]?.arrayValue?.map { $0.text("name") } ?? []
    guard !topics.contains(topic) else { return }
    throw HoldfastError(
      .notFound,
      "there is no topic \"\(topic)\"; "
        + (topics.isEmpty
          ? "the project has none" : "topics: \(topics.joined(separator: ", "))")
        + EditDistance.hint(topic, among: topics))
  }
}

extension JSON {
  /// Whether an answer has nothing in it: no element, no count, no text.
  var isEmptyAnswer: Bool {
    switch self {
    case .null: true
    case .bool(let flag): !flag
    case .number(let number): number.int64 == 0
    case .string(let text): text.isEmpty
    case .array(let elements): elements.isEmpty
    case .object(let object): object.members.allSatisfy(\.value.isEmptyAnswer)
    }
  }
}
