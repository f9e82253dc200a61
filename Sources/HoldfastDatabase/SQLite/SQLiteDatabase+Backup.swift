extension SQLiteDatabase {
  /// Copies the store while it is used: some pages between two groups of writes, until all are there.
  ///
  /// - Parameters:
  ///   - target: The new file; one that is there already is refused.
  ///   - progress: Called on the calling thread with pages done and pages in all; what it throws ends
  ///     the backup.
  /// - Throws: ``DatabaseError`` saying why there is no copy. Nothing is left of it then.
  public func backup(to target: String, progress: @Sendable (Int, Int) throws -> Void) throws {
    let number = try onWriter { try $0.startBackup(to: target) }
    while true {
      let step = try onWriter { try $0.stepBackup(number) }
      do {
        try progress(step.done, step.total)
      } catch {
        try onWriter { $0.dropBackup(number) }
        throw error
      }
      // The copy is nobody else's now, so its check runs here and holds up no write.
      if let copied = step.copied { return try copied.verifyAndName() }
    }
  }
}
