internal import HoldfastJSON
internal import HoldfastModel

extension ToolForm {
  /// Finds the project of a call that names none: that of the caller, else the only one that there is
  /// where an older contract says so.
  func findProject(
    on backend: any ToolBackend,
    _ completion: @escaping @Sendable (Result<String, any Error>) -> Void
  ) {
    do {
      if let project = try backend.project() { return completion(.success(project)) }
    } catch {
      return completion(.failure(error))
    }
    guard findsLoneProject else { return completion(.failure(noProject)) }
    let list = ToolCall(operation: "project_list", fields: JSONObject(), agent: nil)
    backend.run(list) { answer in
      completion(
        Result {
          let projects = try answer.get()()?["projects"]?.arrayValue ?? []
          guard projects.count == 1, let name = projects[0]["name"]?.stringValue else {
            throw noProject
          }
          return name
        })
    }
  }
}
