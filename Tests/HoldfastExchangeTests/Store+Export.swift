import HoldfastDatabase
import HoldfastExchange
import HoldfastModel
import HoldfastStore
import HoldfastTesting

extension Store {
  /// All that an export writes.
  func exported(project: String? = nil) throws -> [UInt8] {
    let taken = Handover<[UInt8]>()
    taken.set([])
    let name = try project.map { try ProjectName($0) }
    _ = try Export(project: name) { bytes in taken.set((taken.value ?? []) + bytes) }.run(on: self)
    return taken.value ?? []
  }

  /// Takes over what an export wrote, by way of a file in the folder.
  func importing(_ bytes: [UInt8], by folder: TemporaryFolder) throws -> ImportReport {
    let path = folder.file("export.jsonl")
    try writeFile(path, bytes)
    return try Import(try ImportSource.detect(path)).run(on: self)
  }
}
