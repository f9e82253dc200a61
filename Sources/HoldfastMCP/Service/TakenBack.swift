private import Synchronization

/// Which claims are being taken back, because the calls that made them were cancelled.
///
/// The same agent may claim the same task again before that is done, and hear that it holds it already.
/// Either that answer counts, and the claim stays, or the claim goes, and who asked again claims anew.
final class TakenBack: Sendable {
  /// Those of this process.
  static let ours = TakenBack()

  private let state = Mutex(State())

  private struct State {
    /// Fences that somebody was told to hold.
    var kept = Recent()
    /// Fences that are gone.
    var gone = Recent()
    /// Fences that are on their way back, with who waits for that.
    var going: [Int64: [@Sendable () -> Void]] = [:]
  }

  /// The last numbers of many.
  private struct Recent {
    private var order: [Int64] = []
    private var numbers: Set<Int64> = []

    func contains(_ number: Int64) -> Bool { numbers.contains(number) }

    mutating func insert(_ number: Int64) {
      guard numbers.insert(number).inserted else { return }
      order.append(number)
      if order.count > 1_024 { numbers.remove(order.removeFirst()) }
    }
  }

  /// Somebody is to be told that they hold a claim already.
  ///
  /// - Parameter again: Called instead when the claim is taken back, once it is.
  /// - Returns: Whether they may be told.
  func keep(_ fence: Int64, orElse again: @escaping @Sendable () -> Void) -> Bool {
    let (mayKeep, isGone) = state.withLock { state -> (Bool, Bool) in
      if state.going[fence] != nil {
        state.going[fence]?.append(again)
        return (false, false)
      }
      if state.gone.contains(fence) { return (false, true) }
      state.kept.insert(fence)
      return (true, false)
    }
    if isGone { again() }
    return mayKeep
  }

  /// Takes a claim back, unless somebody was told since that they hold it.
  ///
  /// - Parameter work: Takes it back, and says once that is done whether the claim is gone.
  func take(_ fence: Int64?, _ work: (@escaping @Sendable (_ isGone: Bool) -> Void) -> Void) {
    guard let fence else { return work { _ in } }
    let isOurs = state.withLock { state in
      guard !state.kept.contains(fence), !state.gone.contains(fence), state.going[fence] == nil
      else { return false }
      state.going[fence] = []
      return true
    }
    guard isOurs else { return }
    work { [self] isGone in
      let waiting = state.withLock { state in
        // A claim that could not be taken back stands, and whoever asks is told so.
        if isGone { state.gone.insert(fence) }
        return state.going.removeValue(forKey: fence) ?? []
      }
      for body in waiting { body() }
    }
  }
}
