private import CSystem
private import Glibc
import HoldfastExchange
import HoldfastJSON
import HoldfastModel
import HoldfastStore

/// All work that spans a store, as commands ask for it and a server does it for them.
enum StoreWork {
  static let all = StoreOperationCatalog.own + [importing, exporting]

  static func named(_ name: String) -> StoreOperationEntry {
    guard let entry = all.first(where: { $0.name == name }) else {
      preconditionFailure("there is no store operation \(name)")
    }
    return entry
  }

  private static let importing = StoreOperationEntry(Import.self) {
    (fields: inout Fields) throws(HoldfastError) in
    let path: String = try fields.required("source", "The file or folder to import.")
    let project: ProjectName? = try fields.optional("project", "The project to import into.")
    let isDryRun = try fields.value("dry_run", "Only say what would be done.", default: false)
    do {
      return Import(try ImportSource.detect(path), project: project, isDryRun: isDryRun)
    } catch let error as HoldfastError {
      throw error
    } catch {
      throw HoldfastError(.internalError, "\(path) cannot be looked at")
    }
  }

  private static let exporting = StoreOperationEntry(Export.self) {
    (fields: inout Fields) throws(HoldfastError) in
    let path: String = try fields.required("path", "The new file.")
    let project: ProjectName? = try fields.optional("project", "The project to export.")
    let file = try NewFile(path)
    return Export(project: project) { try file.append($0) }
  }
}

/// A file that is made for one writer and closed with it.
final class NewFile: Sendable {
  private let descriptor: Int32
  private let path: String

  /// - Throws: ``HoldfastError`` when there is such a file already.
  init(_ path: String) throws(HoldfastError) {
    self.path = path
    descriptor = holdfast_open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    guard descriptor >= 0 else {
      throw HoldfastError(
        errno == EEXIST ? .alreadyExists : .readOnly,
        "\(path) cannot be made: \(SystemFailure.sentence(errno))")
    }
  }

  deinit { close(descriptor) }

  func append(_ bytes: [UInt8]) throws(HoldfastError) {
    let failure = DescriptorSink(descriptor: descriptor).write(bytes)
    guard failure == 0 else {
      throw HoldfastError(
        failure == ENOSPC ? .storageFull : .internalError,
        "\(path) cannot be written: \(SystemFailure.sentence(failure))")
    }
  }
}
