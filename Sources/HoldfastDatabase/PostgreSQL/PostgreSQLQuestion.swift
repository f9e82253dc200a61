/// A read, and the one question that it asks before it has an answer.
final class PostgreSQLQuestion: ReadTransaction {
  let read: PendingRead
  private(set) var isFinished = false
  fileprivate private(set) var asked: (sql: SQL, values: [SQLValue])?
  /// The rows of an answer that are its own.
  private var answer: (result: PostgreSQLResult, rows: [Int32])?
  private var connection: PostgreSQLReader?

  private enum Stop: Error {
    case hasAsked
    /// It asks more than the one question.
    case asksMore
  }

  init(_ read: PendingRead) { self.read = read }

  func finish(_ error: (any Error)?) {
    guard !isFinished else { return }
    isFinished = true
    read.finish(error)
  }

  /// Runs up to the first question; gives whether there is one.
  fileprivate func asks(over connection: PostgreSQLReader) -> Bool {
    self.connection = connection
    (asked, answer) = (nil, nil)
    run()
    return asked != nil
  }

  /// Takes the answer, and ends the read if it needs no other.
  fileprivate func take(_ result: PostgreSQLResult, rows: [Int32]) {
    answer = (result, rows)
    run()
  }

  private func run() {
    do {
      try read.run(self)
      finish(nil)
    } catch is Stop {
      // Goes on with its answer, or over a view of its own.
    } catch {
      finish(error)
    }
  }

  let dialect = Dialect.postgresql

  func query(_ sql: SQL, _ values: [SQLValue], _ body: (any Row) throws -> Void) throws {
    guard let asked else {
      self.asked = (sql, values)
      throw Stop.hasAsked
    }
    guard let answer, asked == (sql, values) else { throw Stop.asksMore }
    try answer.result.each(of: answer.rows, body)
  }

  func readRows(
    _ sql: SQL, _ values: [SQLValue], while body: (any Row) throws -> Bool
  ) throws -> Bool { throw Stop.asksMore }

  var now: Int64 { connection?.now ?? 0 }
  var leaseTime: Int64 { get throws { throw Stop.asksMore } }
  var stepIsOver: Bool { false }
}

/// One statement for many who ask the same with other values.
///
/// It costs little more than for one of them: the statement is begun once, and the columns of its answer
/// are described once.
struct PostgreSQLSharedForm: Hashable {
  private let sql: SQL
  private let types: [ElementType]

  /// Types of values, by their numbers in the server's catalogue.
  private enum ElementType: UInt32 {
    case int8 = 20
    case text = 25
  }

  /// nil where everybody asks for himself.
  fileprivate init?(_ sql: SQL, _ values: [SQLValue]) {
    guard sql.mayBeShared else { return nil }
    var types: [ElementType] = []
    for value in values {
      switch value {
      case .int: types.append(.int8)
      case .text: types.append(.text)
      case .null, .bytes: return nil
      }
    }
    guard !types.isEmpty else { return nil }
    self.sql = sql
    self.types = types
  }

  /// The statement, which takes an array for each value; its last column says whose row it is, from 1.
  ///
  /// `OFFSET 0` keeps the question whole, so that each row is sought as for one of them.
  var statement: SQL {
    let arrays = types.enumerated().map { "CAST(?\($0.offset + 1) AS \($0.element)[])" }
    let names = types.indices.map { "v\($0 + 1)" }
    return SQL(
      """
      SELECT answer.*, asked.number
      FROM unnest(\(arrays.joined(separator: ", "))) WITH ORDINALITY
        AS asked(\(names.joined(separator: ", ")), number)
      CROSS JOIN LATERAL (\(PostgreSQLConnection.numbered(sql.text, "asked.v")) OFFSET 0) AS answer
      """)
  }

  /// One array for each of the values of those who ask.
  fileprivate func arrays(_ asked: [[SQLValue]]) -> [SQLValue] {
    types.enumerated().map { place, type in
      // https://github.com/postgres/postgres, array_recv in src/backend/utils/adt/arrayfuncs.c: one
      // dimension, no NULL, the elements' type, their number, and the number of the first one.
      var bytes: [UInt8] = []
      bytes.reserveCapacity(20 + asked.reduce(0) { $0 + 4 + $1[place].byteCount })
      for word in [1, 0, type.rawValue, UInt32(asked.count), 1] { bytes.append(bigEndian: word) }
      for values in asked {
        bytes.append(bigEndian: UInt32(values[place].byteCount))
        switch values[place] {
        case .int(let number): bytes.append(bigEndian: UInt64(bitPattern: number))
        case .text(let text): bytes += text.utf8
        case .null, .bytes: break
        }
      }
      return .bytes(bytes)
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append<N: FixedWidthInteger>(bigEndian number: N) {
    Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
  }
}

/// Questions that go to the server as one statement.
private struct QuestionGroup {
  let form: PostgreSQLSharedForm?
  var questions: [PostgreSQLQuestion]

  /// Those that may share a statement side by side, all others alone.
  static func groups(of questions: [PostgreSQLQuestion]) -> [QuestionGroup] {
    var groups: [QuestionGroup] = []
    var places: [PostgreSQLSharedForm: Int] = [:]
    for question in questions {
      let form = question.asked.flatMap { PostgreSQLSharedForm($0.sql, $0.values) }
      if let form, let place = places[form] {
        groups[place].questions.append(question)
      } else {
        if let form { places[form] = groups.count }
        groups.append(QuestionGroup(form: form, questions: [question]))
      }
    }
    return groups
  }

  func send(over reader: PostgreSQLReader) throws {
    let asked = questions.compactMap(\.asked)
    if let form, asked.count > 1 {
      try reader.send(reader.statement(of: form), form.arrays(asked.map(\.values)))
    } else {
      for (sql, values) in asked { try reader.send(sql, values) }
    }
  }

  func take(_ answer: PostgreSQLResult) {
    var rows: [[Int32]] = Array(repeating: [], count: questions.count)
    if questions.count > 1 {
      for (row, number) in answer.takeLastColumn().enumerated() {
        rows[Int(number) - 1].append(Int32(row))
      }
    } else {
      rows = [Array(0..<answer.rowCount)]
    }
    for (question, rows) in zip(questions, rows) { question.take(answer, rows: rows) }
  }
}

extension PostgreSQLReader {
  /// Asks the first question of each read, and ends the reads that need no other.
  ///
  /// Where one of the questions is refused, none is answered: each read is to be made alone.
  ///
  /// - Throws: ``DatabaseError`` when the server is not there.
  func askTogether(_ questions: [PostgreSQLQuestion]) throws {
    hasGivenRows = false
    try settle()
    let groups = QuestionGroup.groups(of: questions.filter { $0.asks(over: self) })
    guard !groups.isEmpty else { return }
    for group in groups { try group.send(over: self) }
    var answers: [PostgreSQLResult] = []
    do {
      try replanWhenDue()
      try receive { answers.append($0) }
    } catch let error as DatabaseError where error.kind != .unreachable {
      return
    }
    // Each read is answered by its own question or by none.
    guard answers.count == groups.count else { return }
    for (group, answer) in zip(groups, answers) { group.take(answer) }
  }
}
