import HoldfastJSON
import HoldfastModel

/// A project of the store, and what is still to be said about its repository.
struct FoundProject {
  let name: ProjectName
  /// The request of `project_identify` that records the repository; nil when nothing is left to say.
  fileprivate(set) var unrecorded: [(String, JSON)]?

  fileprivate init(name: ProjectName) { self.name = name }

  init(_ answer: JSON) { name = ProjectName(stored: answer.text("project")) }
}

extension ProjectIdentity {
  /// Finds the project in the store.
  ///
  /// A name that was given on purpose is taken as it is. Otherwise the repository tells, by its
  /// identity before its name, and the name of another repository is refused with a way out.
  ///
  /// - Parameters:
  ///   - cache: Knows the first commits of repositories.
  ///   - run: Runs an operation on the store.
  func find(
    _ cache: IdentityCache, _ run: (String, [(String, JSON)]) throws -> JSON
  ) throws -> FoundProject {
    guard !isNameGiven else { return FoundProject(name: name) }
    let identity = cache.identity(of: self)
    var fields: [(String, JSON)] = [
      ("project", .string(name.text)), ("identity", .string(identity.text)),
    ]
    // Until its first commit it was known by its path.
    if case .firstCommit = identity { fields.append(("replaces", .string(path))) }
    do {
      let answer = try run("project_of_repository", fields)
      var found = FoundProject(answer)
      if answer["recorded"]?.boolValue != true { found.unrecorded = fields }
      return found
    } catch let refusal as HoldfastError where refusal.code == .notAvailable {
      // The server is not ours, and keeps no identities.
      return FoundProject(name: name)
    } catch var refusal as HoldfastError where refusal.code == .conflict {
      refusal.message +=
        " (or pass --project); if it is the same repository, moved or known from an import, set "
        + "project = \"\(name)\" in .holdfast/config.toml"
      if repository?.isShallow == true {
        refusal.message +=
          "; this clone is shallow, and 'git fetch --unshallow' brings the first commit by which "
          + "it is known"
      }
      throw refusal
    }
  }
}
