extension GraphModel {
  // MARK: Claims and ends

  mutating func claim(
    _ name: Int, _ number: Int?, _ tags: [String], isForced: Bool, isShort: Bool
  ) throws -> Answer {
    if let number { try known(number) }
    guard let agent = agents[name] else { throw Refusal(status: 404, code: "agent_not_found") }
    let picture = GraphPicture(self)
    let isFull = live.values.count { $0.owner == name } >= agent.maxClaims
    var taken = number
    if let number, let task = live[number] {
      if task.owner == name { return Answer(task: number, isHeld: true) }
      if task.owner != nil, !isForced { throw Refusal(status: 409, code: "already_claimed") }
      guard task.status == .pending || task.owner != nil else {
        throw Refusal(status: 409, code: "invalid_transition")
      }
      if isFull { throw Refusal(status: 409, code: "claim_limit") }
      guard allows(agent.tags, task) else { throw Refusal(status: 403, code: "tag_mismatch") }
      let obstacles = picture.obstacles(of: number)
      guard isForced || obstacles.isEmpty else {
        throw Refusal(status: 409, code: "dependency_not_satisfied", blockedBy: obstacles)
      }
    } else {
      taken = picture.ready.first { number in
        live[number].map { allows(agent.tags, $0) && Set(tags).isSubset(of: $0.tags) } ?? false
      }
      guard taken != nil else { return Answer(status: 204) }
      if isFull { throw Refusal(status: 409, code: "claim_limit") }
    }
    guard let taken else { return Answer(status: 204) }
    live[taken]?.owner = name
    live[taken]?.status = .inProgress
    live[taken]?.isShort = isShort
    return Answer(task: taken)
  }

  func allows(_ tags: [String], _ task: Task) -> Bool {
    Set(task.needed).isSubset(of: tags)
      && (task.wanted.isEmpty || !Set(task.wanted).isDisjoint(with: tags))
  }

  /// - Parameter claimed: Whether a claim under which it is done must not have ended.
  private func check(_ holder: GraphHolder, _ task: Task, owns: Bool, claimed: Bool) throws {
    let notOwner = Refusal(status: 403, code: "not_owner")
    if let fence = holder.fence, fence != task.fence || (claimed && task.owner == nil) {
      throw notOwner
    }
    guard let agent = holder.agent else { return }
    if !holder.isForced {
      if owns ? task.owner != agent : task.owner != nil && task.owner != agent { throw notOwner }
    }
    try known(agent: agent)
  }

  private func known(agent: Int) throws {
    guard agents[agent] != nil else { throw Refusal(status: 404, code: "agent_not_found") }
  }

  mutating func end(
    _ number: Int, _ how: GraphStep.How, _ holder: GraphHolder, cascades: Bool
  ) throws {
    try known(number)
    guard let task = live[number] else { return }
    let owns =
      how == .release || ((how == .complete || how == .fail) && task.status.isOpen)
    try check(
      holder, task, owns: owns, claimed: owns || task.status.isOpen || how == .reopen)
    switch how {
    case .release: if task.status == .inProgress { free(number) }
    case .complete:
      guard task.status != .completed else { return }
      let isContainer = GraphPicture(self).children[number, default: []].contains {
        live[$0]?.status.isOpen ?? false
      }
      if isContainer, !holder.isForced { throw Refusal(status: 409, code: "children_open") }
      try finish(number, .completed, isForced: holder.isForced)
    case .fail: try finish(number, .failed, isForced: holder.isForced)
    case .cancel:
      if cascades {
        let inner = descendants(of: number).filter { live[$0]?.status.isOpen ?? false }
        for inner in inner.reversed() {
          guard let current = live[inner] else { continue }
          // The fence is that of the claim of the task itself.
          try check(
            GraphHolder(agent: holder.agent, isForced: holder.isForced), current, owns: false,
            claimed: false)
          try finish(inner, .cancelled, isForced: true)
        }
      }
      try finish(number, .cancelled, isForced: holder.isForced)
    case .reopen:
      guard !task.status.isOpen else { return }
      guard task.status != .cancelled || holder.isForced else {
        throw Refusal(status: 409, code: "invalid_transition")
      }
      live[number]?.status = .pending
    }
  }

  private mutating func finish(_ number: Int, _ status: Status, isForced: Bool) throws {
    guard let task = live[number], task.status != status else { return }
    guard task.status.isOpen || isForced else {
      throw Refusal(status: 409, code: "invalid_transition")
    }
    live[number]?.status = status
    live[number]?.owner = nil
    if status.endedBadly, !task.status.endedBadly { ended.append(number) }
    settle()
  }

  /// All tasks below a task, each behind the one that contains it.
  func descendants(of number: Int) -> [Int] {
    let picture = GraphPicture(self)
    func below(_ number: Int) -> [Int] {
      picture.children[number, default: []].flatMap { [$0] + below($0) }
    }
    return below(number)
  }

  // MARK: Deleting

  mutating func delete(_ number: Int, _ holder: GraphHolder, cascades: Bool) throws {
    try known(number)
    if let agent = holder.agent { try known(agent: agent) }
    let inner = descendants(of: number)
    guard inner.isEmpty || cascades else { throw Refusal(status: 409, code: "has_children") }
    for number in inner.reversed() + [number] {
      guard var task = live[number] else { continue }
      if let agent = holder.agent, let owner = task.owner, owner != agent, !holder.isForced {
        throw Refusal(status: 403, code: "not_owner")
      }
      task.owner = nil
      task.deleted = steps
      live[number] = nil
      gone[number] = task
      judge(around: task)
      settle()
    }
  }

  mutating func restore(_ number: Int) throws -> Answer {
    guard let first = gone[number] else { throw Refusal(status: 404, code: "task_not_found") }
    if let parent = first.parent, live[parent] == nil {
      throw Refusal(status: 409, code: "conflict")
    }
    var next = [first]
    while !next.isEmpty {
      var task = next.removeFirst()
      next += gone.values.filter { $0.parent == task.number && $0.deleted == task.deleted }
        .sorted { ($0.order, $0.created, $0.number) < ($1.order, $1.created, $1.number) }
      gone[task.number] = nil
      task.deleted = nil
      // Nobody holds it any more.
      if task.status == .inProgress { task.status = .pending }
      live[task.number] = task
      if task.status.endedBadly { ended.append(task.number) }
      judge(around: task)
      judgeReturned(task.number)
      settle()
    }
    try checkNoCycle()
    return Answer(task: number)
  }

  /// Forgets edges of tasks that nobody will restore.
  mutating func forgetEdges(of numbers: Set<Int>) {
    edges.removeAll { numbers.contains($0.from) || numbers.contains($0.to) }
  }
}
