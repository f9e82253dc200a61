internal import HoldfastJSON
internal import HoldfastModel

/// How tools of the task store refuse.
enum TaskStoreForm {
  /// The refusal: its text is the name of the tool and what is wrong.
  static func refusal(_ error: HoldfastError, of tool: String) -> JSONObject {
    var object = JSONObject([
      ("error", .string("\(tool): \(error.message)")), ("code", .string(error.code.name)),
    ])
    for detail in error.details where object[detail.name] == nil {
      object.set(detail.name, detail.value)
    }
    return object
  }
}
