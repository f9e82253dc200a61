internal import HoldfastModel

extension TaskAnswer {
  /// Writes the place in the task graph; a plain plan has none of it.
  func writeGraph(_ out: inout ObjectWriter) {
    let graph = entry.graph
    let isInGraph = !graph.workflow.isEmpty
    out.field("title", unlessEmpty: graph.title, "What it is called.")
    out.field("workflow", unlessEmpty: graph.workflow, "Whose statuses it has.")
    out.field(
      "category", unlessEmpty: isInGraph ? graph.category.name : "", "What its status means.")
    out.field("phase", unlessEmpty: graph.phase, "What kind of work it is.")
    out.field("parent", unlessEmpty: parent?.text, "The id of the task that contains it.")
    out.field(
      "sibling_order", unlessZero: graph.siblingOrder, "Its place among its siblings, from 0.")
    out.field(
      "join_mode", unlessEmpty: graph.joinMode == .then ? "" : graph.joinMode.rawValue,
      "also: it runs beside the sibling before it.")
    out.field(
      "sibling_policy",
      unlessEmpty: graph.siblingPolicy == .block ? "" : graph.siblingPolicy.rawValue,
      "What its failed children do to those behind them.")
    let priority = graph.priority
    out.field(
      "priority", unlessEmpty: isInGraph || priority != .medium ? priority.name : "",
      "How urgent it is.")
    out.field(
      "priority_value", unlessZero: isInGraph || priority != .medium ? priority.value : 0,
      "The same from 0 to 10.")
    out.list("needed_tags", unlessEmpty: graph.neededTags.tags, "An agent must have all of these.")
    out.list("wanted_tags", unlessEmpty: graph.wantedTags.tags, "An agent must have one of these.")
    out.list("tags", unlessEmpty: graph.tags.tags, "What it has to do with.")
    out.field("points", unlessNil: graph.points, "How large it is.")
    out.field("time_estimate_ms", unlessNil: graph.estimate, "How long it should take.")
    out.time("due_at", unlessUnset: graph.dueAt, "When it should be done.")
    out.time("defer_until", unlessUnset: graph.deferUntil, "It is not ready before.")
    out.list(
      "blocked_by", unlessEmpty: blockedBy.map(\.text), "The tasks that it waits for.")
    writeHolder(&out)
    writeCosts(&out)
  }

  private func writeHolder(_ out: inout ObjectWriter) {
    let graph = entry.graph
    out.field("assignee", unlessEmpty: graph.assignee, "The agent that it is for.")
    out.field("offered_to", unlessEmpty: graph.offeredTo, "The agent that is asked to take it.")
    out.field("owner_agent", unlessEmpty: graph.owner, "The agent that holds it.")
    out.time("claimed_at", unlessUnset: graph.claimedAt, "When it was claimed.")
    out.field("fence", unlessZero: graph.fence, "The number of the last claim.")
    out.time("started_at", unlessUnset: graph.startedAt, "When work on it began first.")
    out.time("completed_at", unlessUnset: graph.completedAt, "When it ended.")
    out.field("reason", unlessEmpty: graph.reason, "Why it has its status.")
    out.field("current_thought", unlessEmpty: graph.thought, "What its holder is at.")
    out.field("progress", rendered: graph.progress, as: Progress.self, "How far the work on it is.")
  }

  private func writeCosts(_ out: inout ObjectWriter) {
    let usage = entry.graph.usage
    out.field(
      "time_actual_ms", unlessZero: entry.graph.actualTime,
      "How long it was worked on, without the time since it was claimed.")
    out.field("tokens_in", unlessZero: usage.tokensIn, "Tokens read.")
    out.field("tokens_cached", unlessZero: usage.tokensCached, "Tokens read from a cache.")
    out.field("tokens_out", unlessZero: usage.tokensOut, "Tokens written.")
    out.field("tokens_thinking", unlessZero: usage.tokensThinking, "Tokens thought.")
    out.field("tokens_image", unlessZero: usage.tokensImage, "Tokens of images.")
    out.field("tokens_audio", unlessZero: usage.tokensAudio, "Tokens of sound.")
    out.field(
      "cost_usd", unlessNil: usage.costMicros == 0 ? nil : Dollars(micros: usage.costMicros).number,
      "Dollars, exact to a millionth.")
    out.field("user_metrics", rendered: entry.graph.metrics, "What its users count.")
  }
}
