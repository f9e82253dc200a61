/// The known values of a task's `execution_phase`.
///
/// The raw routes store other values too, as given; see ``ExecutionState``.
public enum ExecutionPhase: String, CaseIterable, Hashable, Sendable {
  /// A plan is there: the task is ready to be implemented.
  case planned
  /// An architect works the plan out.
  case architecting
  /// The agents of a wave are at work.
  case waveRunning = "wave_running"
  /// A wave waits to go on.
  case waveWaiting = "wave_waiting"
  /// One agent implements the whole plan.
  case singleAgentImplementing = "single_agent_implementing"
  /// An agent fixes what a review found.
  case fixing
  /// An agent reviews.
  case reviewing
}
