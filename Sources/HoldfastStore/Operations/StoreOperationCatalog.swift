public import HoldfastModel

/// The store operations of this module that doors can run by name; the executable adds those of
/// other modules.
public enum StoreOperationCatalog {
  public static let own: [StoreOperationEntry] = [
    StoreOperationEntry(Verify.self) { (fields: inout Fields) throws(HoldfastError) in
      var verify = Verify()
      verify.project = try fields.optional(
        "project", "The project whose folder has the files of media.")
      verify.media = try fields.value(
        "media", "Files of its media folder, each of which should be an attachment's.",
        default: [String]())
      return verify
    },
    StoreOperationEntry(Backup.self) { (fields: inout Fields) throws(HoldfastError) in
      Backup(to: try fields.required("path", "The new file, on the machine of the store."))
    },
    StoreOperationEntry(SearchRebuild.self) { (_: inout Fields) throws(HoldfastError) in
      SearchRebuild()
    },
    WaitEnd.entry,
    StoreOperationEntry(StoreStatus.self, isLocal: false) {
      (fields: inout Fields) throws(HoldfastError) in
      StoreStatus(location: try fields.value("location", "How the store is called.", default: ""))
    },
  ]
}

/// A store operation without its type, as the doors hold it.
public struct StoreOperationEntry: Sendable {
  public let name: String
  public let summary: String
  public let access: Access
  /// Whether it is for commands on the store's own machine alone: it names files there, or takes long.
  public let isLocal: Bool
  /// Reads a request and gives the work, which ends with the rendered report.
  public let prepare: @Sendable (inout Fields) throws(HoldfastError) -> StoreWork

  /// Work that is ready to run; it gives the native JSON of its report.
  public typealias StoreWork =
    @Sendable (Store, @escaping @Sendable (StoreProgress) throws -> Void) throws -> [UInt8]

  /// - Parameters:
  ///   - isLocal: Whether it is for commands on the store's own machine alone.
  ///   - read: Reads the operation from a request.
  public init<O: StoreOperation>(
    _ type: O.Type, isLocal: Bool = true,
    _ read: @escaping @Sendable (inout Fields) throws(HoldfastError) -> O
  ) {
    name = O.name
    summary = O.summary
    access = O.access
    self.isLocal = isLocal
    prepare = { (fields: inout Fields) throws(HoldfastError) in
      let operation = try read(&fields)
      return { store, progress in
        let report = try operation.run(on: store, progress: progress)
        var out = ObjectWriter(shape: .native)
        out.value(report)
        return out.bytes
      }
    }
  }
}
