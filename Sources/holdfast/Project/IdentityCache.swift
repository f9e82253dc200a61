private import CSystem
private import Glibc
import HoldfastDatabase

/// The first commits of repositories, kept so that not every command has to run git.
///
/// A file for each common git directory in `$XDG_CACHE_HOME/holdfast/identities`. It counts while
/// the directory is the one that it was: another repository at the same path has another identity.
struct IdentityCache: Sendable {
  /// The folder of the files; nil where no home is known.
  private let folder: String?

  init(_ environment: Environment) {
    let base =
      if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { cache } else {
        environment.home.map { Path.join($0, ".cache") } ?? ""
      }
    folder = base.isEmpty ? nil : Path.join(base, "holdfast/identities")
  }

  /// The identity of a project; runs git only for a repository whose first commit is not known.
  func identity(of project: ProjectIdentity) -> ProjectIdentity.Identity {
    guard let common = project.repository?.commonDirectory, let folder, let mark = mark(of: common)
    else { return project.identity() }
    let file = Path.join(folder, PathHash.text(common))
    let head = "\(common)\n\(mark)\n"
    if let commit = Self.kept(in: file, under: head) { return .firstCommit(commit) }
    let identity = project.identity()
    // A path is no answer to keep: the first commit may come any time.
    if case .firstCommit(let commit) = identity { Self.keep("\(head)\(commit)\n", in: file) }
    return identity
  }

  /// What tells a git directory from another one that comes to its place.
  private func mark(of directory: String) -> String? {
    var birth: [UInt64] = [0, 0, 0]
    guard holdfast_birth(directory, &birth) == 0 else { return nil }
    return "\(birth[0]) \(birth[1]).\(birth[2])"
  }

  private static func kept(in file: String, under head: String) -> String? {
    guard let bytes = try? FileBytes.bytes(of: file, upTo: 16_384),
      bytes.starts(with: head.utf8)
    else { return nil }
    let commit = String(decoding: bytes.dropFirst(head.utf8.count), as: UTF8.self).trimmingSpaces
    let isHash = [40, 64].contains(commit.utf8.count) && commit.allSatisfy(\.isHexDigit)
    return isHash ? commit : nil
  }

  /// Writes the file as a whole or not at all; that it cannot be written is no reason to fail.
  private static func keep(_ text: String, in file: String) {
    guard (try? PrivateFolder.make(holding: file)) != nil else { return }
    let draft = "\(file).\(getpid())"
    let descriptor = holdfast_open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    guard descriptor >= 0 else { return }
    let bytes = Array(text.utf8)
    let isWritten = write(descriptor, bytes, bytes.count) == bytes.count
    close(descriptor)
    if !isWritten || rename(draft, file) != 0 { unlink(draft) }
  }
}

/// A short name for a path.
enum PathHash {
  /// FNV-1a in base 36: tells the paths of one user apart.
  static func text(_ path: String) -> String {
    let hash = path.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
    }
    return String(hash, radix: 36)
  }
}
