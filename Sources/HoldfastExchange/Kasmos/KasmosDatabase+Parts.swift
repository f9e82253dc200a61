internal import HoldfastDatabase
internal import HoldfastModel
internal import HoldfastStore

// What belongs to tasks: subtasks and reviews name their task by project and filename, in old files
// by the task's key.
extension KasmosDatabase {
  private struct Owner {
    var project: Int?
    var filename: Int?
    var key: Int?

    init(_ table: inout KasmosTable) {
      project = table.column(["project", "repo", "repository"])
      filename = table.column([
        "plan_filename", "task_filename", "plan_file", "task_file", "filename", "plan", "task",
      ])
      key = table.column(["task_id", "plan_id"])
    }
  }

  /// The task that a row belongs to; nil when it is not wanted or not there.
  private mutating func owner(of row: KasmosRow, _ owner: Owner) throws -> (ProjectName, Int)? {
    var found: (ProjectName, TaskFilename)?
    if owner.filename == nil, let key = owner.key, case .int(let number) = row.values[key] {
      found = taskByKey[number]
    } else if let raw = row.exactText(owner.filename), let filename = try? TaskFilename(raw) {
      guard let project = try project(of: row, owner.project) else { return nil }
      // What belongs to a task that was left alone is left alone with it.
      let rawName = RawName(project: project, filename: TaskFilename(stored: raw))
      if rejected.contains(rawName) { return nil }
      found = (project, filename)
    }
    guard let (name, filename) = found,
      let index = plan.projects.first(where: { $0.name == name })?.taskByName[filename]
    else {
      plan.notes.add("\(row.what) was left out: its task is not there")
      return nil
    }
    return (name, index)
  }

  mutating func readSubtasks() throws {
    try read(
      "subtasks",
      { table in
        (
          owner: Owner(&table), number: table.column(["task_number", "number", "position"]),
          title: table.column(["title", "name", "description"]), status: table.column(["status"])
        )
      },
      { reading, row, columns in
        guard let (project, index) = try reading.owner(of: row, columns.owner) else { return }
        var row = row
        let number = row.number(columns.number, "task_number", &reading.plan.notes)
        row.what = "subtask \(number)"
        let status = row.text(columns.status, "status", &reading.plan.notes)
        let subtask = Subtask(
          number: number, title: row.text(columns.title, "title", &reading.plan.notes),
          status: status.isEmpty ? SubtaskStatus.pending : status)
        let filename = reading.plan.withProject(project) { project -> TaskFilename? in
          let isTaken = project.tasks[index].subtasks.contains { $0.number == number }
          if !isTaken { project.tasks[index].subtasks.append(subtask) }
          return isTaken ? project.tasks[index].entry.filename : nil
        }
        if let filename {
          reading.plan.notes.add(
            "a second subtask \(number) of task \(filename) was left out: the first one stays")
        }
      })
  }

  mutating func readReviews() throws {
    try read(
      "pr_reviews",
      { table in
        (
          owner: Owner(&table), id: table.column(["review_id"]),
          places: PRReview.table.columns.map { column in
            ["task", "review_id"].contains(column.name) ? nil : table.column([column.name])
          }
        )
      },
      { reading, row, columns in
        guard let (project, index) = try reading.owner(of: row, columns.owner) else { return }
        var row = row
        let number = row.number(columns.id, "review_id", &reading.plan.notes)
        row.what = "review \(number)"
        var values = PRReview.table.initialValues
        for (column, place) in zip(PRReview.table.columns, columns.places) where place != nil {
          let name = column.name
          values[column.index] =
            switch column.kind {
            case .text: .text(row.text(place, name, &reading.plan.notes))
            case .number: .int(row.number(place, name, &reading.plan.notes) == 0 ? 0 : 1)
            case .time: .optional(row.time(place, name, &reading.plan.notes)?.nanoseconds)
            }
        }
        var review = PRReview(row: ValuesRow(columns: values))
        review.reviewID = number
        let made = review
        let isTaken = reading.plan.withProject(project) { project in
          let isTaken = project.tasks[index].reviews.contains { $0.reviewID == number }
          if !isTaken { project.tasks[index].reviews.append(made) }
          return isTaken
        }
        if isTaken { reading.plan.notes.add("a second review \(number) of one task was left out") }
      })
  }

  mutating func readTopics() throws {
    try read(
      "topics",
      { table in
        (
          project: table.column(["project", "repo", "repository"]), name: table.column(["name"]),
          createdAt: table.column(["created_at", "created"])
        )
      },
      { reading, row, columns in
        guard let project = try reading.project(of: row, columns.project) else { return }
        guard let text = row.exactText(columns.name), let name = try? TopicName(text) else {
          reading.plan.notes.add(
            "a topic of project \(project) was left out: its name is blank or not clean text")
          return
        }
        var row = row
        row.what = "topic \(name)"
        let time = row.time(columns.createdAt, "created_at", &reading.plan.notes)
        let isAdded = reading.plan.withProject(project) {
          $0.add(ImportedTopic(name: name, createdAt: time))
        }
        if !isAdded { reading.plan.notes.add("a second topic \(name) was left out") }
      })
  }
}
