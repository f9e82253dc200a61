/// What an audit event tells; the raw value is the wire name.
public enum AuditKind: String, CaseIterable, Hashable, Sendable {
  /// An agent was started.
  case agentSpawned = "agent_spawned"
  /// An agent ended its work.
  case agentFinished = "agent_finished"
  /// An agent was stopped.
  case agentKilled = "agent_killed"
  /// An agent was paused.
  case agentPaused = "agent_paused"
  /// A paused agent went on.
  case agentResumed = "agent_resumed"
  /// An agent was started again.
  case agentRestarted = "agent_restarted"
  /// A task changed its status.
  case planTransition = "plan_transition"
  /// A task was created.
  case planCreated = "plan_created"
  /// The work of a task was merged.
  case planMerged = "plan_merged"
  /// A task was cancelled.
  case planCancelled = "plan_cancelled"
  /// A wave began.
  case waveStarted = "wave_started"
  /// A wave ended well.
  case waveCompleted = "wave_completed"
  /// A wave failed.
  case waveFailed = "wave_failed"
  /// A task was linked to Linear.
  case taskLinearLinked = "task_linear_linked"
  /// A task's link to Linear was removed.
  case taskLinearUnlinked = "task_linear_unlinked"
  /// A prompt was sent to an agent.
  case promptSent = "prompt_sent"
  /// A shell command ran.
  case shellRan = "shell_ran"
  /// Commits were pushed.
  case gitPush = "git_push"
  /// A pull request was created.
  case prCreated = "pr_created"
  /// An agent asks for a permission.
  case permissionDetected = "permission_detected"
  /// A permission was given or refused.
  case permissionAnswered = "permission_answered"
  /// A transition was refused.
  case fsmError = "fsm_error"
  /// Something else failed.
  case error
  /// A session began.
  case sessionStarted = "session_started"
  /// A session ended.
  case sessionStopped = "session_stopped"
}
