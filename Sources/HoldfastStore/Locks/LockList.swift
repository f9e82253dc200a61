internal import HoldfastDatabase
public import HoldfastModel

/// Lists who holds which files of a project, by path.
public struct LockList: Listing {
  public static let name = "lock_list"
  public static let summary = "Lists the locked files of a project by path."
  public static let access = Access.read
  public static let listName: StaticString = "locks"

  public let project: ProjectName
  /// Only these; nil for all.
  public let files: [LockPath]?
  public let agent: AgentID?
  public let limit: Int64
  public let cursor: LockPath?

  public init(reading fields: inout Fields) throws(HoldfastError) {
    project = try fields.required("project", "The project.")
    files = try fields.optional("files", "Only these files; none, when the list is empty.")
    agent = try fields.optional("agent", "Only what this agent holds.")
    limit = try fields.value("limit", "At most this many.", in: 1...1000, default: 1000)
    cursor = try fields.optional("cursor", "Where the page before ended.")
  }

  public func check() throws(HoldfastError) { try LockPaths.check(files, "files") }

  private static func page(_ condition: @escaping (Dialect) -> String) -> DialectSQL {
    DialectSQL { sql in
      """
      SELECT \(HeldLock.columns) FROM locks \(HeldLock.joins)
      WHERE \(condition(sql)) AND locks.path > ?2
      ORDER BY \(sql.indexed("locks.path")), locks.path LIMIT ?3
      """
    }
  }
  private static let all = page { sql in
    "locks.project = ?1 AND \(sql.indexed("locks.path")) >= \(sql.indexed("?2"))"
  }
  private static let ofAgent = page { _ in "locks.agent = ?4 AND locks.project = ?1" }

  public func run(in view: StoreView, _ each: (LockAnswer) throws -> Void) throws -> ListEnd {
    guard let project = try view.projectKey(project) else { return ListEnd() }
    let held = try held(in: project, view)
    let leaseTime = try view.reading.leaseTime
    for lock in held.prefix(Int(limit)) { try each(try view.answer(lock, at: leaseTime)) }
    guard held.count > limit else { return ListEnd() }
    return ListEnd(nextCursor: held[Int(limit) - 1].lock.path.text)
  }

  /// One more than the limit where there are more.
  private func held(in project: Int64, _ view: StoreView) throws -> [HeldLock] {
    let after = cursor?.text ?? ""
    var values: [SQLValue] = [.int(project), .text(after), .int(limit + 1)]
    if let files {
      let wanted = LockPaths(files.filter { file in cursor.map { $0 < file } ?? true })
      return try view.held(wanted, in: project).filter { held in
        agent.map { held.holder == $0 } ?? true
      }
    }
    guard let agent else {
      return try view.reading.all(Self.all[view.reading.dialect], values, HeldLock.init(row:))
    }
    guard let agent = try view.findAgent(agent) else { return [] }
    values.append(.int(agent.id))
    return try view.reading.all(Self.ofAgent[view.reading.dialect], values, HeldLock.init(row:))
  }
}
