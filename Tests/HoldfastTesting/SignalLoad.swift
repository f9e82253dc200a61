private import Glibc
internal import HoldfastDatabase
internal import HoldfastJSON
private import Synchronization

/// How much the tests of a fleet do: little in every run, all of it with `make fleet-proof`.
public enum FleetProof {
  public static let isFull = getenv("HOLDFAST_FLEET_PROOF").map { String(cString: $0) } == "full"

  /// How many rounds, signals or whatever a test counts.
  public static func size(_ usual: Int, full: Int) -> Int { isFull ? full : usual }
}

/// What the clients of a fleet were told about the signals that they created.
public final class Told: Sendable {
  private struct State {
    var acknowledged: Set<String> = []
    var wrong: [String] = []
  }

  private let state = Mutex(State())
  private let refusals = Atomic(0)

  public init() {}

  /// Takes the answer to the create of a signal with this payload.
  fileprivate func take(_ answer: HTTPClient.Answer, of payload: String) {
    switch answer.status {
    case 201: state.withLock { _ = $0.acknowledged.insert(payload) }
    case 503 where answer["Retry-After"] != nil: refusals.add(1, ordering: .relaxed)
    default: state.withLock { $0.wrong.append("\(answer.status) \(answer.text)") }
    }
  }

  /// How many creates were acknowledged.
  public var count: Int { state.withLock { $0.acknowledged.count } }
  /// How many were refused as it may be: 503, to be tried again.
  public var refused: Int { refusals.load(ordering: .relaxed) }

  /// What is wrong with a store that a server shows: each acknowledged signal must be there once, none
  /// twice, and nothing may have been answered but success and a refusal that says when to try again.
  public func problems(in store: HTTPClient) -> [String] {
    let list = store.get("/v1/projects/p/signals?status=all")
    guard list.status == 200, !list.isCut else { return ["no list: \(list.status) \(list.error)"] }
    // The store keeps a payload in plain text as `{"body":"..."}`.
    let payloads = (list.json?.arrayValue ?? []).compactMap { signal in
      signal["Payload"]?.stringValue?.split(separator: "\"").dropFirst(3).first.map(String.init)
    }
    let (acknowledged, wrong) = state.withLock { ($0.acknowledged, $0.wrong) }
    let lost = acknowledged.subtracting(payloads).sorted()
    var problems = Array(wrong.prefix(3))
    if !lost.isEmpty { problems.append("lost \(lost.count), such as \(lost.prefix(3))") }
    if Set(payloads).count != payloads.count { problems.append("something was done twice") }
    return problems
  }
}

/// Clients of servers, which create signals until they are told to stop or their server is gone.
public final class SignalLoad: Sendable {
  private let successes = Atomic(0)
  private let ended = Atomic(0)
  private let isOver = Atomic(false)
  private let ends: [Handover<Bool>]

  /// - Parameters:
  ///   - clients: The servers, which the workers share.
  ///   - name: What tells the payloads of this load from those of others.
  public init(_ clients: [HTTPClient], _ name: String, _ told: Told, workers: Int = 8) {
    ends = (0..<workers).map { _ in Handover() }
    for (worker, end) in ends.enumerated() {
      let client = clients[worker % clients.count]
      TestThread.start { [self] in
        var number = 0
        while !isOver.load(ordering: .relaxed) {
          let payload = "\(name)-\(worker)-\(number)"
          number += 1
          let answer = client.post(
            "/v1/projects/p/signals", #"{"SignalType":"plan_start","Payload":"\#(payload)"}"#)
          if answer.status == 0 {
            ended.add(1, ordering: .relaxed)
            break
          }
          told.take(answer, of: payload)
          if answer.status == 201 { successes.add(1, ordering: .relaxed) }
        }
        end.set(true)
      }
    }
  }

  /// How many creates were answered with success.
  public var answered: Int { successes.load(ordering: .relaxed) }
  /// How many clients ended because nobody answered them.
  public var unanswered: Int { ended.load(ordering: .relaxed) }

  /// Returns when so many more were answered; false when that takes longer than ten seconds.
  public func hasGoneOn(_ count: Int) -> Bool {
    let before = answered
    return eventually { answered >= before + count }
  }

  /// Ends it and returns when all its clients have ended.
  public func stop() {
    isOver.store(true, ordering: .relaxed)
    for end in ends { _ = end.wait() }
  }
}
