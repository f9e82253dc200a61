internal import HoldfastDatabase
internal import HoldfastModel

extension Changes {
  /// Writes a new signal and wakes whoever waits for one in its project.
  ///
  /// An event patches the rows of one task: pass the event of a change only for a signal about the
  /// same task.
  ///
  /// - Parameters:
  ///   - signal: The signal, its type and payload already in the stored form.
  ///   - event: The event of the change that the signal tells of; without it the signal has an
  ///     event of its own.
  /// - Returns: The signal with its number.
  /// - Throws: What the database says.
  @discardableResult
  func insertSignal(_ signal: Signal, in event: Event? = nil) throws -> Signal {
    var signal = signal
    if let event {
      signal.id = try event.insert(signal)
    } else {
      signal.id = try record(.signalCreated, project: signal.project, task: signal.task) { event in
        event.note = EventNote("signal \(signal.type) for \(signal.planFile)")
        return try event.insert(signal)
      }
    }
    try touchSignals(of: signal.project)
    return signal
  }

  /// Wakes those who wait for a signal of the project, under whatever name they know it: a claim
  /// names its wait key before it has seen the database.
  package func touchSignals(of project: Int64) throws {
    for name in try names(of: project) { touch(Signal.waitKey + name.text) }
  }
}
