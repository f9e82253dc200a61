/// A git repository, found by looking at its files; git itself is not needed.
struct Repository: Sendable, Equatable {
  /// The folder of the checkout that was searched from; nil in a bare repository.
  let checkout: String?
  /// The git directory that all worktrees share, without symbolic links.
  let commonDirectory: String

  /// Where a search for the repository of a folder led.
  enum Search: Sendable, Equatable {
    /// The folder is in no repository.
    case none
    /// It is in this one.
    case found(Repository)
    /// A `.git` file in this folder points to what is no git directory.
    case broken(folder: String, target: String)

    /// The repository, if the search found one.
    var repository: Repository? {
      if case .found(let repository) = self { repository } else { nil }
    }
  }

  /// Searches a folder and those above it, as git does; `GIT_DIR` is not consulted.
  static func search(from directory: String) -> Search {
    guard var folder = Path.real(directory) else { return .none }
    while true {
      let entry = Path.join(folder, ".git")
      switch Path.kind(of: entry) {
      case .folder where isGitDirectory(entry):
        return .found(Repository(checkout: folder, gitDirectory: entry))
      case .file:
        guard let link = GitFile.firstLine(of: entry), link.hasPrefix("gitdir:") else { break }
        let target = Path.join(folder, link.dropFirst(7).trimmingSpaces)
        guard isGitDirectory(target) else { return .broken(folder: folder, target: target) }
        return .found(Repository(checkout: folder, gitDirectory: target))
      default: break
      }
      if isGitDirectory(folder), Path.kind(of: Path.join(folder, "refs")) == .folder {
        return .found(Repository(checkout: nil, gitDirectory: folder))
      }
      if folder == "/" { return .none }
      folder = Path.parent(of: folder)
    }
  }

  /// The folder of the main checkout; nil for a bare repository that stands alone.
  ///
  /// A common directory whose name begins with a dot, such as `.git` or `.bare`, belongs to the
  /// folder that holds it. Elsewhere (submodules) `core.worktree` says where the checkout is.
  var mainCheckout: String? {
    if Path.name(of: commonDirectory).hasPrefix(".") { return Path.parent(of: commonDirectory) }
    guard let setting = GitFile.coreWorktree(in: commonDirectory) else { return nil }
    return Path.real(Path.join(commonDirectory, setting))
  }

  /// The name that all checkouts of the repository share.
  ///
  /// It follows from the common directory alone. A bare repository is named after itself, without
  /// its `.git`: the folder that holds it often holds many.
  var name: String {
    if let mainCheckout { return Path.name(of: mainCheckout) }
    let name = Path.name(of: commonDirectory)
    return name.hasSuffix(".git") && name.count > 4 ? String(name.dropLast(4)) : name
  }

  /// Whether history is cut off, so that its first commit is not here.
  var isShallow: Bool { Path.kind(of: Path.join(commonDirectory, "shallow")) == .file }

  /// Whether no object was ever put into it, so that git need not be asked for a commit.
  var isEmpty: Bool {
    let objects = Path.join(commonDirectory, "objects")
    return Path.names(in: objects)?.allSatisfy { $0 == "info" || $0 == "pack" } == true
      && Path.names(in: Path.join(objects, "pack"))?.isEmpty != false
      && Path.names(in: Path.join(objects, "info"))?.isEmpty != false
  }

  private init(checkout: String?, gitDirectory: String) {
    self.checkout = checkout
    var common = gitDirectory
    if let line = GitFile.firstLine(of: Path.join(gitDirectory, "commondir")) {
      common = Path.join(gitDirectory, line.trimmingSpaces)
    }
    commonDirectory = Path.real(common) ?? common
  }

  /// Whether a folder is a git directory: of a repository, or of a worktree.
  private static func isGitDirectory(_ folder: String) -> Bool {
    // HEAD may be a symbolic link to a branch that has no commit yet, so it is asked for last.
    let parts = ["objects", "commondir"]
    guard parts.contains(where: { Path.kind(of: Path.join(folder, $0)) != .missing }) else {
      return false
    }
    return Path.exists(Path.join(folder, "HEAD"))
  }
}
