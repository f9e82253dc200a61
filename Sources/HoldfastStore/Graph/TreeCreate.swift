public import HoldfastDatabase
public import HoldfastJSON
public import HoldfastModel

/// Creates a tree of tasks in one transaction: all of it, or nothing.
public struct TreeCreate: Mutation {
  public static let name = "task_create_tree"
  public static let summary = "Creates a task with all that it contains, in one step."
  public static let access = Access.write

  public let project: ProjectName
  public let parent: TaskFilename?
  public let tree: TreeNode

  /// The most tasks of one tree.
  public static let nodesMax = 10_000

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project; it comes into being when new.")
    parent = try fields.optional("parent", "The task that shall contain the tree.")
    tree = try fields.required("tree", "The topmost task, with its children.")
  }

  public func check() throws(HoldfastError) {
    var count = 0
    var depth = 0
    tree.measure(level: 1, &count, &depth)
    guard count <= Self.nodesMax else {
      throw FieldPosition("tree").mustBe(
        "at most \(Self.nodesMax) tasks, not \(count): create it in parts")
    }
    guard depth <= StoreView.depthMax else {
      throw FieldPosition("tree").mustBe(
        "at most \(StoreView.depthMax) levels deep, not \(depth)")
    }
  }

  public func run(_ prepared: Void, in changes: Changes) throws -> WriteVerdict<TreeAnswer> {
    let project = try changes.projectKeyForWriting(project)
    var made: [TaskEntry] = []
    let parent = try parent.map { try changes.graphTask($0, in: project) }
    if let parent {
      var count = 0
      var depth = 0
      tree.measure(level: 1, &count, &depth)
      try changes.checkDepth(below: parent, levels: depth)
    }
    let order = try parent.map { try changes.nextSiblingOrder(in: $0.id) } ?? 0
    var blockers: [(task: TaskEntry, blocker: BlockerField)] = []
    // The next ones to write, each before its children; a tree may be deep, the writer's stack is not.
    var next = [(node: tree, parent: parent?.id, order: order)]
    try changes.countingChildrenLater {
      while let (node, parent, order) = next.popLast() {
        let task = try write(node, below: parent, at: order, in: project, changes)
        made.append(task)
        blockers += node.blockers.map { (task, $0) }
        next += node.children.enumerated().reversed().map {
          ($0.element, task.id, Int64($0.offset))
        }
      }
    }
    // Behind all of them, so that a task may wait for one that comes later in the tree.
    for (task, blocker) in blockers {
      try changes.addBlocker(blocker, to: try changes.taskRow(task.id) ?? task)
    }
    return .done(TreeAnswer(tasks: made.map(changes.id(of:))))
  }

  private func write(
    _ node: TreeNode, below parent: Int64?, at order: Int64, in project: Int64, _ changes: Changes
  ) throws -> TaskEntry {
    let workflow = try changes.workflow(node.fields.workflowName, in: project)
    var task = TaskEntry(
      project: project, filename: TaskFilename(stored: ""), status: try workflow.start())
    task.createdAt = changes.now
    task.description = node.description
    try node.fields.apply(to: &task, in: changes)
    task.graph.workflow = node.fields.workflowName
    task.graph.parent = parent
    task.graph.siblingOrder = order
    if let id = node.id { try changes.give(id, to: &task) }
    try changes.nameByID(&task)
    return try changes.create(task, node.content)
  }
}

/// A task of a tree that is to be created.
public struct TreeNode: FieldValue {
  public let fields: GraphFields
  public let id: TaskID?
  public let description: String
  public let content: TaskText
  public let blockers: [BlockerField]
  public let children: [TreeNode]

  public static var fieldSchema: FieldSchema {
    .object(
      Fields.describe("TreeNode") { fields throws(HoldfastError) in
        _ = try GraphFields(reading: &fields)
        let _: TaskID? = try fields.optional("id", "An id of your own, unique in the store.")
        let _: String = try fields.value("description", "What it is about.", default: "")
        let _: String = try fields.value("content", "Its text.", default: "")
        let _: [BlockerField] = try fields.value(
          "blocked_by", "The tasks that must be done first.", default: [])
        let _: [JSON] = try fields.value(
          "children", "The tasks that it contains, each like this one.", default: [])
      })
  }

  public static var placeholder: TreeNode {
    TreeNode(
      fields: .placeholder, id: nil, description: "", content: TaskText([]), blockers: [],
      children: [])
  }

  private init(
    fields: GraphFields, id: TaskID?, description: String, content: TaskText,
    blockers: [BlockerField], children: [TreeNode]
  ) {
    self.fields = fields
    self.id = id
    self.description = description
    self.content = content
    self.blockers = blockers
    self.children = children
  }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    guard case .object(let object) = json else {
      throw field.mustBe("a task as an object, not \(json.kind)")
    }
    var fields = Fields(object)
    self.fields = try GraphFields(reading: &fields)
    guard !self.fields.title.isEmpty else {
      // A misspelt title is what is wrong, not that there is none.
      try fields.refuseUnknown(in: field, Self.fieldSchema)
      throw field.invalid("\(field.name).title is required: each task of a tree has one")
    }
    guard self.fields.parent == nil else {
      throw field.invalid("\(field.name).parent must be left out: it follows from the tree")
    }
    id = try fields.optional("id", "")
    description = try fields.value("description", "", default: "")
    content = TaskText(
      try fields.value("content", "", default: ContentBytes(bytes: [])).bytes)
    blockers = try fields.value("blocked_by", "", default: [BlockerField]())
    children = try fields.value("children", "", default: [TreeNode]())
    try fields.refuseUnknown(in: field, Self.fieldSchema)
  }

  /// Counts the tasks and the levels.
  func measure(level: Int, _ count: inout Int, _ depth: inout Int) {
    count += 1
    depth = max(depth, level)
    for child in children { child.measure(level: level + 1, &count, &depth) }
  }
}

/// The tasks of a new tree.
public struct TreeAnswer: Output {
  /// The topmost first, each before those that it contains.
  public let tasks: [TaskID]

  public static var placeholder: TreeAnswer { TreeAnswer(tasks: [.placeholder]) }

  public static func schemaName(_ shape: ObjectWriter.Shape) -> String { "Tree" }

  public func write(_ out: inout ObjectWriter) {
    out.field("root_task_id", tasks.first?.text ?? "", "The topmost task.")
    out.list("all_ids", tasks.map(\.text), "All of them, each before those that it contains.")
  }
}
