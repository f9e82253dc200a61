internal import HoldfastJSON

/// Takes ends off what is too long, wherever it stands.
enum Halving {
  /// The JSON with half of its largest list, or of its longest object when no list has several elements;
  /// nil when there is nothing to halve.
  ///
  /// - Parameter leftOut: Is raised by the number of elements and members that went.
  static func halveLargest(_ json: JSON, _ leftOut: inout Int) -> JSON? {
    let found = largest(json, list) ?? largestInside(json, object) ?? largest(json, object)
    return found.map { halved(json, at: $0.path[...], &leftOut) }
  }

  /// Where something stands, as indices of elements and members from the outside in, and how large it is.
  private typealias Place = (path: [Int], size: Int)

  /// Lists count by their bytes, so that one counts more than those inside of it.
  private static func list(_ json: JSON) -> Int {
    (json.arrayValue?.count ?? 0) > 1 ? json.rendered().count : 0
  }

  /// Objects count by their members, so that a few named ones outlast many.
  private static func object(_ json: JSON) -> Int {
    let count = json.objectValue?.members.count ?? 0
    return count > 1 ? count : 0
  }

  private static func largest(_ json: JSON, _ size: (JSON) -> Int) -> Place? {
    let own = size(json)
    let inner = largestInside(json, size)
    guard own > 0, own >= inner?.size ?? 0 else { return inner }
    return ([], own)
  }

  private static func largestInside(_ json: JSON, _ size: (JSON) -> Int) -> Place? {
    var best: Place?
    for (index, child) in children(of: json).enumerated() {
      guard let found = largest(child, size), found.size > best?.size ?? 0 else { continue }
      best = ([index] + found.path, found.size)
    }
    return best
  }

  private static func children(of json: JSON) -> [JSON] {
    json.arrayValue ?? json.objectValue?.members.map(\.value) ?? []
  }

  private static func halved(_ json: JSON, at path: ArraySlice<Int>, _ leftOut: inout Int) -> JSON {
    switch json {
    case .array(var elements):
      if let index = path.first {
        elements[index] = halved(elements[index], at: path.dropFirst(), &leftOut)
      } else {
        leftOut += elements.count - elements.count / 2
        elements.removeLast(elements.count - elements.count / 2)
      }
      return .array(elements)
    case .object(var object):
      if let index = path.first {
        object.members[index].value = halved(
          object.members[index].value, at: path.dropFirst(), &leftOut)
      } else {
        leftOut += object.members.count - object.members.count / 2
        object.members.removeLast(object.members.count - object.members.count / 2)
      }
      return .object(object)
    default: return json
    }
  }
}
