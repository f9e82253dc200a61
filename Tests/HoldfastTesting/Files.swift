internal import Glibc
internal import HoldfastDatabase

/// All bytes of a file.
public func readFile(_ path: String) throws -> [UInt8] {
  guard let file = fopen(path, "rb") else {
    throw DatabaseError(.cannotOpen, "The test cannot read \(path).")
  }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { return bytes }
    bytes += buffer[..<count]
  }
}

/// Writes a file, in a folder that exists.
public func writeFile(_ path: String, _ bytes: [UInt8]) throws {
  guard let file = fopen(path, "wb") else {
    throw DatabaseError(.cannotOpen, "The test cannot write \(path).")
  }
  defer { fclose(file) }
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
    throw DatabaseError(.io, "The test cannot write \(path).")
  }
}

/// Writes a text file, making its folder and the folder above when missing.
public func writeFile(_ path: String, _ text: String) throws {
  let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
  for count in stride(from: 1, through: parts.count, by: 1) {
    let folder = parts.prefix(count).joined(separator: "/")
    if !folder.isEmpty { mkdir(folder, 0o700) }
  }
  try writeFile(path, Array(text.utf8))
}

/// Whether there is a file of that name.
public func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// The permissions of a file.
public func fileMode(_ path: String) -> UInt32 {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
}

/// Changes the permissions of a file or folder.
public func setFileMode(_ path: String, _ mode: UInt32) { chmod(path, mode) }

/// Sets when a file was changed last, in seconds since 1970 UTC.
public func setChangeTime(_ path: String, seconds: Int) {
  let times = [timespec](repeating: timespec(tv_sec: seconds, tv_nsec: 0), count: 2)
  utimensat(AT_FDCWD, path, times, 0)
}

/// Removes a file.
public func removeFile(_ path: String) { unlink(path) }

/// The names in a folder, sorted.
public func names(in folder: String) -> [String] {
  guard let stream = opendir(folder) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}
