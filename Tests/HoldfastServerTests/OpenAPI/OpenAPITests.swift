import HoldfastJSON
import HoldfastTesting
import Testing

@testable import HoldfastServer

/// The description of the interface: whole, and true to the routes.
@Suite struct OpenAPITests {
  let document = OpenAPI.document(of: Routes.all)

  @Test func `every route is described`() {
    for route in Routes.all where route.path != "/v1/operations/{name}" {
      let described = document["paths"]?[route.path]?[route.method.rawValue.lowercased()]
      #expect(described != nil, "\(route.method.rawValue) \(route.path)")
    }
  }

  @Test func `every operation has a name of its own and a summary`() throws {
    var names: [String] = []
    for path in try #require(document["paths"]?.objectValue).members {
      for operation in try #require(path.value.objectValue).members {
        names.append(try #require(operation.value["operationId"]?.stringValue))
        #expect(operation.value["summary"]?.stringValue?.isEmpty == false, "\(path.key)")
      }
    }
    #expect(Set(names).count == names.count)
    #expect(names.contains("task_create"))
    #expect(names.contains("get_projects_project_tasks_task"))
  }

  @Test func `every reference has its target`() {
    var references: Set<String> = []
    func collect(_ json: JSON) {
      switch json {
      case .object(let object):
        for member in object.members {
          if member.key == "$ref", let target = member.value.stringValue {
            references.insert(target)
          }
          collect(member.value)
        }
      case .array(let elements): elements.forEach(collect)
      default: break
      }
    }
    collect(document)
    #expect(references.count > 20)
    for reference in references {
      var target: JSON? = document
      for part in reference.split(separator: "/").dropFirst() { target = target?[String(part)] }
      #expect(target != nil, "\(reference)")
    }
  }

  @Test func `projects are a list of names to the contract and of objects natively`() {
    func schema(_ path: String, _ method: String) -> JSON? {
      document["paths"]?[path]?[method]?["responses"]?["200"]?["content"]?["application/json"]?[
        "schema"]
    }
    #expect(
      schema("/v1/projects", "get") == ["type": "array", "items": ["type": "string"]])
    let native = schema("/v1/operations/project_list", "post")
    #expect(
      native?["properties"]?["projects"]?["items"]
        == ["$ref": "#/components/schemas/Project"])
  }

  @Test func `schemas have names that generators of clients take`() throws {
    for schema in try #require(document["components"]?["schemas"]?.objectValue).members {
      #expect(schema.key.contains(#/^[A-Za-z0-9._-]+$/#), "\(schema.key)")
    }
  }

  @Test func `parameters of a path are described once each`() throws {
    for path in try #require(document["paths"]?.objectValue).members {
      let wanted = path.key.matches(of: #/\{([^}]*)\}/#).map { String($0.output.1) }
      for operation in try #require(path.value.objectValue).members {
        let parameters = operation.value["parameters"]?.arrayValue ?? []
        let found = parameters.filter { $0["in"]?.stringValue == "path" }
          .compactMap { $0["name"]?.stringValue }
        #expect(found == wanted, "\(operation.key) \(path.key)")
      }
    }
  }

  @Test(arguments: [
    ("project_of_repository", true), ("project_identify", true), ("task_get", false),
    ("task_list", false),
  ])
  func `what may refuse with a conflict says so`(name: String, mayConflict: Bool) throws {
    let operation = document["paths"]?["/v1/operations/\(name)"]?["post"]
    #expect(operation?["responses"]?["400"] != nil)
    #expect((operation?["responses"]?["409"] != nil) == mayConflict)
  }

  @Test func `the server sends it`() throws {
    let server = try TestServer()
    let answer = server.client.get("/openapi.json")
    #expect(answer.status == 200)
    #expect(answer["Content-Type"] == "application/json")
    #expect(answer.json?["openapi"]?.stringValue == "3.1.0")
    #expect(answer.json == document)
  }
}
