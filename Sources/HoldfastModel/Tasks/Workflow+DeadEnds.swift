extension Workflow {
  /// Where its moves leave tasks that nobody can get out without force, a sentence each.
  ///
  /// A claim, a release and a reopening need no move; a completion and a failure do.
  public var deadEnds: [String] {
    guard !isMovedByEvents, let claimed = status(after: .claim) else { return [] }
    var sentences: [String] = []
    // What no moves lead out of is told of once.
    var told: Set<TaskStatus> = []
    if let start = try? start(), category(start) != .open,
      !reachable(from: start).contains(where: { category($0) == .open })
    {
      sentences.append(
        "a new task is \(start.text.quoted), and no moves lead from there to a status that is open: nobody "
          + "can claim it")
      told.insert(start)
    }
    let work = reachable(from: claimed)
    for (operation, words) in [(GraphOperation.complete, "completed"), (.fail, "failed")] {
      guard let target = status(after: operation), !work.contains(target) else { continue }
      sentences.append(
        "a claimed task is \(claimed.text.quoted), and no moves lead from there to "
          + "\(target.text.quoted): it is \(words) only with force")
      told.insert(claimed)
    }
    for status in statuses where work.contains(status) && !category(status).isFinal {
      guard !told.contains(status),
        !reachable(from: status).contains(where: { category($0).isFinal })
      else { continue }
      sentences.append(
        "work may come to \(status.text.quoted), and no moves lead from there to an end")
    }
    return sentences
  }

  /// The statuses to which moves lead from one, over however many others; with that one.
  private func reachable(from source: TaskStatus) -> Set<TaskStatus> {
    var found: Set<TaskStatus> = [source]
    var next = [source]
    while let status = next.popLast() {
      next += self.next(after: status).filter { found.insert($0).inserted }
    }
    return found
  }
}
