import HoldfastJSON
import HoldfastModel

extension ProjectIdentity {
  /// Says in the store which repository the project's name stands for.
  ///
  /// A name that was given on purpose is taken as it is. Otherwise another repository of the same
  /// name is refused with a way out.
  /// - Parameters:
  ///   - cache: Knows the first commits of repositories.
  ///   - run: Runs an operation on the store.
  func record(
    _ cache: IdentityCache, _ run: (String, [(String, JSON)]) throws -> JSON
  ) throws {
    guard !isNameGiven else { return }
    let identity = cache.identity(of: self)
    var fields: [(String, JSON)] = [
      ("project", .string(name.text)), ("identity", .string(identity.text)),
    ]
    do {
      let answer = try run("project_check_identity", fields)
      if answer["recorded"]?.boolValue == true { return }
    } catch let refusal as HoldfastError where refusal.code == .notAvailable {
      // The server is not ours, and keeps no identities.
      return
    } catch let refusal as HoldfastError where refusal.code == .conflict {
      // The repository was recorded by its path, and has got its first commit since.
      guard identity != .path(path), refusal.detailObject["identity"]?.stringValue == path else {
        throw refusal
      }
      fields.append(("replaces", .string(path)))
    }
    _ = try run("project_identify", fields)
  }
}
