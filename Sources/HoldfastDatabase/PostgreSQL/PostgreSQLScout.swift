/// Finds out what the writes of a group will ask, so that all of it costs one way to the server and back.
///
/// It runs each closure without effect up to its first question whose answer is not at hand, asks those
/// questions together, and starts over, until all closures have come to what they write or ask for
/// themselves. What they learned is in ``shared`` when their turn comes. The writer's row is locked, and
/// nothing of the group is written yet, so every answer is true.
///
/// The first round goes out with the lock. In it a question that the last group asked, too, is taken to
/// have the same answer, only to find out what is asked behind it: all of it is asked in that round,
/// and the closures start over with what comes back.
final class PostgreSQLScout: WriteTransaction {
  private let connection: PostgreSQLWriterConnection
  private let writes: [PendingWrite]
  /// The writes that wait for answers.
  private var waiting: [PendingWrite]
  private var answers: [Question: PostgreSQLResult] = [:]
  private var guesses: [Question: PostgreSQLResult]
  private var asked: [Question] = []
  private var isAsked: Set<Question> = []
  /// The number that the closure got last.
  private var lastSequence: Int64 = 0

  struct Question: Hashable {
    let sql: SQL
    let values: [SQLValue]
  }

  /// The end of a closure that would have gone on.
  private enum Stop: Error {
    /// To wait for an answer.
    case hasAsked
    /// At something that only counts in its turn.
    case hasArrived
  }

  /// Questions one behind the other; what asks more than this asks the rest in its turn.
  private static let roundsMax = 8
  /// Bytes of an answer that the next group may guess with.
  private static let guessBytesMax = 4096
  /// Questions of one round; the others are asked in the next.
  private static let questionsMax = 200

  /// - Parameter guesses: The answers of the last group.
  init(
    _ connection: PostgreSQLWriterConnection, _ writes: [PendingWrite],
    guesses: [Question: PostgreSQLResult]
  ) {
    self.connection = connection
    self.writes = writes
    self.guesses = guesses
    waiting = writes
  }

  /// What the next group may guess with.
  var smallAnswers: [Question: PostgreSQLResult] {
    answers.filter { $0.value.byteCount <= Self.guessBytesMax }
  }

  /// Sends the questions of the first round.
  ///
  /// What is in ``shared`` then is a guess, and ends with the beginning of the group.
  func begin() {
    ask()
    guesses = [:]
    waiting = writes
  }

  /// Runs the closures on, and sends what they ask.
  private func ask() { waiting = waiting.filter(waitsForAnswer) }

  /// Takes the answers to the questions that were sent.
  ///
  /// - Parameters:
  ///   - others: Statements that were sent before them.
  ///   - each: Gets the answers to those.
  /// - Throws: What one of all these failed with.
  func takeAnswers(behind others: Int = 0, _ each: (PostgreSQLResult) -> Void = { _ in }) throws {
    var place = -others
    try connection.receive { answer in
      if place < 0 { each(answer) } else if place < asked.count { answers[asked[place]] = answer }
      place += 1
    }
    asked = []
    isAsked = []
  }

  /// Goes on until nobody asks any more.
  func goOn() throws {
    for _ in 0..<Self.roundsMax {
      ask()
      guard !asked.isEmpty else { return }
      try takeAnswers()
    }
  }

  /// Runs a closure; gives whether it waits for an answer.
  private func waitsForAnswer(_ write: PendingWrite) -> Bool {
    lastSequence = connection.group.lastSequence
    do {
      _ = try write.run(self)
      return false
    } catch Stop.hasAsked {
      return true
    } catch {
      // An error counts in its turn, if it still comes up.
      return false
    }
  }

  let dialect = Dialect.postgresql

  func ask(_ sql: SQL, _ values: [SQLValue], _ body: (any Row) throws -> Void) throws {
    let question = Question(sql: sql, values: values)
    if let answer = answers[question] { return try answer.each(body) }
    if asked.count < Self.questionsMax, isAsked.insert(question).inserted {
      try connection.send(sql, values)
      asked.append(question)
    }
    guard let guess = guesses[question], isAsked.contains(question) else { throw Stop.hasAsked }
    try guess.each(body)
  }

  func query(_ sql: SQL, _ values: [SQLValue], _ body: (any Row) throws -> Void) throws {
    throw Stop.hasArrived
  }

  func execute(_ sql: SQL, _ values: [SQLValue]) throws { throw Stop.hasArrived }

  func nextSequence() -> Int64 {
    lastSequence += 1
    return lastSequence
  }

  func touch(_ key: String) {}

  var now: Int64 { connection.now }
  var leaseTime: Int64 { connection.leaseTime }
  var stepIsOver: Bool { false }
  var groupSize: Int { connection.groupSize }

  var shared: AnyObject? {
    get { connection.shared }
    set { connection.shared = newValue }
  }
}
