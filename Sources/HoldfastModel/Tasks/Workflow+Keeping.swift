extension Workflow {
  /// This workflow with statuses of another one that it lacks, for tasks that stand in them.
  ///
  /// - Parameters:
  ///   - statuses: Statuses of the other one in which tasks stand.
  ///   - other: The other one.
  /// - Returns: nil where one of them would mean something else, or where they would be too many.
  public func keeping(_ statuses: [TaskStatus], of other: Workflow) -> Workflow? {
    let lacking = statuses.filter { !self.statuses.contains($0) }
    let all = self.statuses + lacking
    guard all.count <= WorkflowDefinition.statusesMax,
      lacking.allSatisfy({ aliases[$0] == nil }),
      statuses.allSatisfy({ lacking.contains($0) || category($0) == other.category($0) })
    else { return nil }
    var categories = categories
    var steps = steps
    for status in lacking {
      categories[status] = other.category(status)
      steps[status] = other.steps[status]?.filter(all.contains)
    }
    return Workflow(
      name: name, statuses: all, aliases: aliases, categories: categories, moves: moves,
      steps: steps, initial: initial, targets: targets)
  }
}
