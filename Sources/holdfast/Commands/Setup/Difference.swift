/// What changes from one text to another, as `diff -u` writes it.
enum Difference {
  /// Lines around a change that stay as they are.
  private static let contextMax = 3
  /// Changed lines beyond which texts are shown as wholly different.
  private static let editsMax = 1_000

  private enum Step {
    case same(String)
    case gone(String)
    case new(String)
  }

  /// The lines of the difference; none where there is none.
  ///
  /// - Parameters:
  ///   - before: The text that was; nil for no file.
  ///   - after: The text that comes; nil for no file.
  ///   - name: What the file is called.
  static func lines(
    from before: [UInt8]?, to after: [UInt8]?, of name: String
  ) -> [String] {
    guard before != after else { return [] }
    let (old, new) = (lines(of: before ?? []), lines(of: after ?? []))
    let head = [
      "--- " + (before == nil ? "/dev/null" : name), "+++ " + (after == nil ? "/dev/null" : name),
    ]
    return head + hunks(of: steps(from: old, to: new))
  }

  /// The lines of a text with what ends them: the last one may have no end.
  private static func lines(of bytes: [UInt8]) -> [String] {
    var lines: [String] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? rest.endIndex
      lines.append(String(decoding: rest[..<end], as: UTF8.self))
      rest = rest[end...]
    }
    return lines
  }

  /// The shortest way from one to the other (Myers, 1986), within what is the same at both ends.
  private static func steps(from old: [String], to new: [String]) -> [Step] {
    let start = zip(old, new).prefix { same($0, $1) }.count
    let room = min(old.count, new.count) - start
    let end = zip(old.reversed(), new.reversed()).prefix { same($0, $1) }.prefix(room).count
    let middle = shortest(
      Array(old[start..<(old.count - end)]), Array(new[start..<(new.count - end)]))
    return old[..<start].map { .same($0) } + middle
      + old[(old.count - end)...].map { .same($0) }
  }

  /// Swift calls composed and decomposed letters equal.
  private static func same(_ left: String, _ right: String) -> Bool {
    left.utf8.elementsEqual(right.utf8)
  }

  private static func shortest(_ old: [String], _ new: [String]) -> [Step] {
    let whole = old.map { Step.gone($0) } + new.map { Step.new($0) }
    guard !old.isEmpty, !new.isEmpty else { return whole }
    // furthest[k]: how far into old a way on diagonal k came.
    var furthest: [Int: Int] = [1: 0]
    var trail: [[Int: Int]] = []
    for edits in 0...min(old.count + new.count, editsMax) {
      trail.append(furthest)
      for diagonal in stride(from: -edits, through: edits, by: 2) {
        let down = isDown(diagonal, edits, furthest)
        var x = down ? furthest[diagonal + 1] ?? 0 : (furthest[diagonal - 1] ?? 0) + 1
        while x < old.count, x - diagonal < new.count, same(old[x], new[x - diagonal]) { x += 1 }
        furthest[diagonal] = x
        if x >= old.count, x - diagonal >= new.count {
          return way(old, new, trail)
        }
      }
    }
    return whole
  }

  /// Whether the best way onto a diagonal takes a new line.
  private static func isDown(_ diagonal: Int, _ edits: Int, _ furthest: [Int: Int]) -> Bool {
    diagonal == -edits
      || diagonal != edits && (furthest[diagonal - 1] ?? -1) < (furthest[diagonal + 1] ?? -1)
  }

  /// The steps of the way that was found, from its end.
  private static func way(_ old: [String], _ new: [String], _ trail: [[Int: Int]]) -> [Step] {
    var steps: [Step] = []
    var (x, y) = (old.count, new.count)
    for edits in trail.indices.reversed() {
      let furthest = trail[edits]
      let down = isDown(x - y, edits, furthest)
      let from = down ? x - y + 1 : x - y - 1
      let start = edits == 0 ? 0 : furthest[from] ?? 0
      let turn = edits == 0 ? (0, 0) : down ? (start, start - from + 1) : (start + 1, start - from)
      while x > turn.0, y > turn.1 {
        steps.append(.same(old[x - 1]))
        (x, y) = (x - 1, y - 1)
      }
      guard edits > 0 else { break }
      steps.append(down ? .new(new[y - 1]) : .gone(old[x - 1]))
      (x, y) = (start, start - from)
    }
    return steps.reversed()
  }

  private static func hunks(of steps: [Step]) -> [String] {
    let changes = steps.indices.filter { if case .same = steps[$0] { false } else { true } }
    var lines: [String] = []
    var next = 0
    // The numbers of the line that the next step is about.
    var (old, new) = (1, 1)
    var place = 0
    while next < changes.count {
      var last = next
      while last + 1 < changes.count, changes[last + 1] - changes[last] <= 2 * contextMax + 1 {
        last += 1
      }
      let start = max(place, changes[next] - contextMax)
      (old, new) = (old + start - place, new + start - place)
      let end = min(steps.count, changes[last] + contextMax + 1)
      let shown = steps[start..<end]
      let olds = shown.count { if case .new = $0 { false } else { true } }
      let news = shown.count { if case .gone = $0 { false } else { true } }
      lines.append(
        "@@ -\(olds == 0 ? old - 1 : old),\(olds) +\(news == 0 ? new - 1 : new),\(news) @@")
      for step in shown { lines += line(of: step) }
      (old, new, place) = (old + olds, new + news, end)
      next = last + 1
    }
    return lines
  }

  private static func line(of step: Step) -> [String] {
    let (sign, text) =
      switch step {
      case .same(let text): (" ", text)
      case .gone(let text): ("-", text)
      case .new(let text): ("+", text)
      }
    guard text.utf8.last == 0x0A else { return [sign + text, "\\ No newline at end of file"] }
    // "\r\n" is one character.
    return [sign + String(text.dropLast())]
  }
}
