private import CSystem
private import Glibc
import HoldfastModel

/// Reads whole files.
enum FileBytes {
  /// Why a file was not read.
  enum Failure: Error, Equatable {
    /// The system refused, with this `errno`.
    case system(Int32)
    /// It has more bytes than this.
    case tooLarge(Int)
    /// It is a folder.
    case folder

    /// Whether there is no such file.
    var isMissing: Bool { self == .system(ENOENT) || self == .system(ENOTDIR) }

    /// The failure as a sentence about a file.
    func asHoldfastError(_ name: String) -> HoldfastError {
      switch self {
      case .tooLarge(let limit): FileBytes.tooLarge(name, limit)
      case .folder: HoldfastError(.usage, "cannot read \(name): it is a folder")
      case .system(let number):
        HoldfastError(
          code(for: number), "cannot read \(name): \(SystemFailure.sentence(number))")
      }
    }

    private func code(for number: Int32) -> HoldfastError.Code {
      switch number {
      case ENOENT, ENOTDIR: .notFound
      case EACCES, EPERM: .notAllowed
      default: .internalError
      }
    }
  }

  /// Reads a file that a caller named.
  /// - Throws: ``HoldfastError`` that names the file.
  static func read(_ path: String, upTo limit: Int) throws(HoldfastError) -> [UInt8] {
    do {
      return try bytes(of: path, upTo: limit)
    } catch {
      throw error.asHoldfastError(path)
    }
  }

  /// Reads a file.
  static func bytes(of path: String, upTo limit: Int) throws(Failure) -> [UInt8] {
    let descriptor = holdfast_open(path, O_RDONLY, 0)
    guard descriptor >= 0 else { throw .system(errno) }
    defer { close(descriptor) }
    return try read(descriptor: descriptor, upTo: limit)
  }

  /// Reads a descriptor up to its end.
  static func read(descriptor: Int32, upTo limit: Int) throws(Failure) -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(errno) }
    if status.st_mode & S_IFMT == S_IFDIR { throw .folder }
    var bytes: [UInt8] = []
    // One byte more than the size, so that the end shows in the next read.
    let room = min(max(Int(status.st_size) + 1, 4096), min(limit, 1 << 20) + 1)
    while bytes.count <= limit {
      var failure: Int32 = 0
      let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, initialized in
        let count = Glibc.read(descriptor, buffer.baseAddress, room)
        if count < 0 { failure = errno }
        initialized = max(0, count)
      }
      if failure == EAGAIN {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&wait, 1, -1)
      } else if failure == 0, chunk.isEmpty {
        return bytes
      } else if failure == 0 {
        if bytes.isEmpty { bytes = chunk } else { bytes.append(contentsOf: chunk) }
      } else if failure != EINTR {
        throw .system(failure)
      }
    }
    throw .tooLarge(limit)
  }

  /// The error for more bytes than are taken.
  static func tooLarge(_ name: String, _ limit: Int) -> HoldfastError {
    HoldfastError(.tooLarge, "\(name) is larger than \(ByteAmount.text(limit))")
  }
}
