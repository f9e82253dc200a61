import HoldfastModel

/// Which project a folder belongs to.
///
///     let project = try ProjectIdentity.resolve(from: folder)
///     project.name                       // holdfast
///     project.identity()                 // the repository's first commit
///
/// The name is shared by all checkouts of a repository and needs no git. Two repositories can have
/// one name; the identity tells them apart.
struct ProjectIdentity: Sendable {
  /// The name of the project.
  let name: ProjectName
  /// Whether somebody gave the name, instead of the folder.
  let isNameGiven: Bool
  /// The repository, where there is one.
  let repository: Repository?
  /// The real path of the common git directory, or of the folder outside of a repository.
  let path: String

  /// The folder of the project's files: the main checkout, or the folder outside of a repository; nil for
  /// a bare repository.
  var folder: String? { repository == nil ? path : repository?.mainCheckout }

  /// What tells two projects of one name apart.
  enum Identity: Sendable, Equatable {
    /// The hash of the repository's first commit, the same in every clone.
    case firstCommit(String)
    /// The path, while there is no commit, no git, or no repository.
    case path(String)

    /// The identity as one text, to be stored and compared.
    var text: String {
      switch self {
      case .firstCommit(let hash): hash
      case .path(let path): path
      }
    }
  }

  /// Finds the project of a folder.
  ///
  /// - Parameters:
  ///   - directory: The folder.
  ///   - name: The name that somebody gave (`--project`, `HOLDFAST_PROJECT`, a configuration).
  /// - Returns: The project. Outside of a repository it is named after the folder itself.
  /// - Throws: ``HoldfastError`` when the folder gives no name, with what to do about it.
  static func resolve(
    from directory: String, named name: ProjectName? = nil
  ) throws(HoldfastError) -> ProjectIdentity {
    try resolve(Repository.search(from: directory), from: directory, named: name)
  }

  /// Finds the project of a folder whose repository was searched already.
  static func resolve(
    _ search: Repository.Search, from directory: String, named name: ProjectName? = nil
  ) throws(HoldfastError) -> ProjectIdentity {
    let folder = Path.real(directory) ?? directory
    let repository = search.repository
    let path = repository?.commonDirectory ?? folder
    if let name {
      return ProjectIdentity(name: name, isNameGiven: true, repository: repository, path: path)
    }
    if case .broken(let folder, let target) = search {
      throw HoldfastError(
        .usage,
        "\(folder)/.git points to \(target), which is not a git directory; "
          + "name the project with --project")
    }
    let text = repository?.name ?? Path.name(of: folder)
    do {
      return ProjectIdentity(
        name: try ProjectName(text), isNameGiven: false, repository: repository, path: path)
    } catch {
      throw HoldfastError(
        .usage, "the folder \(path) gives no name to a project; name it with --project")
    }
  }

  /// The hash of the repository's first commit, found by running git.
  ///
  /// The history of the main checkout counts, so that all worktrees agree. Of several first commits
  /// it is the smallest hash.
  /// - Returns: The hash; nil outside of a repository, without a commit, without git, and in a
  ///   shallow clone, whose first commit is somewhere else.
  func firstCommit() -> String? {
    guard let repository, !repository.isShallow, !repository.isEmpty else { return nil }
    let common = repository.commonDirectory
    // A checkout of a branch that has no commit yet has no HEAD; the other branches still count.
    for revision in ["HEAD", "--all"] {
      let roots = GitProcess.output(
        of: ["--git-dir", common, "rev-list", "--max-parents=0", revision, "--"])
      if let first = roots?.split(separator: "\n").min() { return String(first) }
    }
    return nil
  }

  /// What tells this project from another one of the same name; runs git in a repository.
  func identity() -> Identity {
    firstCommit().map { .firstCommit($0) } ?? .path(path)
  }
}
